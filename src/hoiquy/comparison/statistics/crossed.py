"""Recipes with several trainings each, all scored on the same documents.

Whether a training is right about a document depends on the recipe, on the seed, on the document,
on which documents suit which recipe, and on the rest. The seeds and the documents that were used
are some of many, so neither may count as fixed: a test that forgets the seeds takes the luck of
three trainings for a better network, and one that forgets the documents takes the luck of a test
set for it (Clark 1973, "The language-as-fixed-effect fallacy", Journal of Verbal Learning and
Verbal Behavior 12, 335-359). docs/comparison.md derives the formula and says how well it holds.
"""

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.statistics.estimate import Estimate
from hoiquy.errors import ShapeError


def crossed_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate how far two recipes are apart, on any documents and with any seeds.

    first, second: (trainings, documents), whether each training was right about each document;
    two trainings of each at least, not necessarily as many of one as of the other.
    Clark's quasi-F for documents crossed with recipes and seeds nested in recipes, written as a t:
    the variance of the difference is that between seeds, and that of the documents' differences,
    less the part of the latter that the seeds have brought in already.
    Raises ShapeError unless the documents are the same, two at least.
    """
    _check(first, second, trainings=(2, 2))
    return Estimate(_difference(first, second), _parts(first, second, (first, second)))


def difference_from_fixed(network: NDArray[np.bool_], fixed: NDArray[np.bool_]) -> Estimate:
    """Estimate how far a recipe is from something that always comes out the same, as a baseline.

    network: (trainings, documents), two trainings at least. fixed: (1, documents). As
    `crossed_difference`, but only one side has seeds, so that few degrees of freedom can stand
    against very many: there Satterthwaite's approximation claims too much, Cochran's does not.
    """
    _check(network, fixed, trainings=(2, 1))
    parts = _parts(network, fixed, (network,))
    return Estimate(_difference(network, fixed), parts, cochran=True)


def documents_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate how far these very trainings are apart, on any documents.

    first, second: (trainings, documents). Says nothing about other trainings of the same recipes.
    """
    _check(first, second, trainings=(1, 1))
    by_document = first.mean(axis=0) - second.mean(axis=0)
    documents = len(by_document)
    part = float(by_document.var(ddof=1)) / documents
    return Estimate(float(by_document.mean()), ((part, documents - 1),))


def residual_square(right: NDArray[np.bool_]) -> float:
    """The mean square that neither the trainings nor the documents explain.

    right: (trainings, documents), two of each at least.
    """
    trainings, documents = right.shape
    rest = right - right.mean(axis=1, keepdims=True) - right.mean(axis=0) + right.mean()
    return float((rest**2).sum() / ((trainings - 1) * (documents - 1)))


def _difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float(first.mean() - second.mean())


def _parts(
    first: NDArray[np.bool_], second: NDArray[np.bool_], with_seeds: tuple[NDArray[np.bool_], ...]
) -> tuple[tuple[float, float], ...]:
    """The parts of the variance of the difference: of each side's seeds, then of the documents."""
    documents = first.shape[1]
    of_seeds = [
        (float(right.mean(axis=1).var(ddof=1)) / len(right), len(right) - 1.0)
        for right in with_seeds
    ]
    of_documents = float((first.mean(axis=0) - second.mean(axis=0)).var(ddof=1)) / documents
    counted_twice = sum(residual_square(right) / len(right) for right in with_seeds) / documents
    if any(part for part, _ in of_seeds):
        # what is left is how differently documents suit the recipes, which is not negative
        of_documents = max(of_documents - counted_twice, 0.0)
    # else all accuracies are equal by chance, as on a few documents: then nothing was counted twice
    return (*of_seeds, (of_documents, documents - 1.0))


def _check(first: NDArray[np.bool_], second: NDArray[np.bool_], trainings: tuple[int, int]) -> None:
    same = first.ndim == second.ndim == 2 and first.shape[1] == second.shape[1]
    enough = same and first.shape[1] >= 2
    if not enough or len(first) < trainings[0] or len(second) < trainings[1]:
        raise ShapeError(
            f"{trainings[0]} and {trainings[1]} trainings at least are needed, scored on the same "
            f"documents, two at least; not {first.shape} and {second.shape}"
        )
