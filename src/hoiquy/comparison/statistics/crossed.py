"""Recipes with several trainings each, all scored on the same documents.

Whether a training predicts a document correctly depends on the recipe, the seed, the document, the
interaction of recipe and document, and a residual. Seeds and documents are both samples, so neither
may be treated as fixed: a test that ignores the seeds mistakes the luck of a few trainings for a
better network, and one that ignores the documents mistakes the luck of a test set for it (Clark
1973, "The language-as-fixed-effect fallacy", Journal of Verbal Learning and Verbal Behavior 12,
335-359). docs/comparison.md derives the formula and reports its false alarm rate.
"""

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.statistics.estimate import Estimate
from hoiquy.errors import ShapeError


def crossed_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate the difference between two recipes, with documents and seeds as random.

    first, second: (trainings, documents), whether each training predicts each document correctly;
    at least two trainings each, not necessarily equally many.
    Clark's quasi-F for documents crossed with recipes and seeds nested in recipes, written as a t:
    the variance of the difference is that between seeds plus that of the documents' differences,
    less the part of the latter that the seeds already contribute.
    Raises ShapeError unless both have the same documents, at least two.
    """
    _check(first, second, trainings=(2, 2))
    return Estimate(_difference(first, second), _parts(first, second, (first, second)))


def difference_from_fixed(network: NDArray[np.bool_], fixed: NDArray[np.bool_]) -> Estimate:
    """Estimate the difference between a recipe and a deterministic classifier, such as a baseline.

    network: (trainings, documents), at least two trainings. fixed: (1, documents). As
    `crossed_difference`, but only one side has seeds, so that a few degrees of freedom can meet
    very many: there Satterthwaite's approximation is too liberal, Cochran's is not.
    """
    _check(network, fixed, trainings=(2, 1))
    parts = _parts(network, fixed, (network,))
    return Estimate(_difference(network, fixed), parts, cochran=True)


def documents_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate the difference between these trainings, with only the documents as random.

    first, second: (trainings, documents). Does not apply to other trainings of the same recipes.
    """
    _check(first, second, trainings=(1, 1))
    by_document = first.mean(axis=0) - second.mean(axis=0)
    documents = len(by_document)
    part = float(by_document.var(ddof=1)) / documents
    return Estimate(float(by_document.mean()), ((part, documents - 1),))


def residual_square(correct: NDArray[np.bool_]) -> float:
    """The residual mean square of trainings crossed with documents.

    correct: (trainings, documents), at least two of each.
    """
    trainings, documents = correct.shape
    rest = correct - correct.mean(axis=1, keepdims=True) - correct.mean(axis=0) + correct.mean()
    return float((rest**2).sum() / ((trainings - 1) * (documents - 1)))


def _difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float(first.mean() - second.mean())


def _parts(
    first: NDArray[np.bool_], second: NDArray[np.bool_], with_seeds: tuple[NDArray[np.bool_], ...]
) -> tuple[tuple[float, float], ...]:
    """Parts of the variance of the difference: each side's seeds, then the documents."""
    documents = first.shape[1]
    of_seeds = [
        (float(correct.mean(axis=1).var(ddof=1)) / len(correct), len(correct) - 1.0)
        for correct in with_seeds
    ]
    of_documents = float((first.mean(axis=0) - second.mean(axis=0)).var(ddof=1)) / documents
    counted_twice = sum(residual_square(one) / len(one) for one in with_seeds) / documents
    if any(part for part, _ in of_seeds):
        # the rest is the interaction of recipes and documents, which is not negative
        of_documents = max(of_documents - counted_twice, 0.0)
    # else all accuracies are equal by chance, as on few documents: nothing was counted twice
    return (*of_seeds, (of_documents, documents - 1.0))


def _check(first: NDArray[np.bool_], second: NDArray[np.bool_], trainings: tuple[int, int]) -> None:
    same = first.ndim == second.ndim == 2 and first.shape[1] == second.shape[1]
    enough = same and first.shape[1] >= 2
    if not enough or len(first) < trainings[0] or len(second) < trainings[1]:
        raise ShapeError(
            f"expected at least {trainings[0]} and {trainings[1]} trainings, scored on the same "
            f"documents, at least two; not {first.shape} and {second.shape}"
        )
