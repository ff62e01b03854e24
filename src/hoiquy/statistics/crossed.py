"""Two recipes, several trainings each, all scored on the same documents."""

import math

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.statistics.estimate import Estimate


def crossed_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate how far the accuracies of two recipes are apart.

    first, second: (trainings, documents). A side of one row is something that always comes out
    the same, as a baseline does. Raises ShapeError unless the documents are the same, two at least.
    """
    _check(first, second)
    documents = first.shape[1]
    by_document = first.mean(axis=0) - second.mean(axis=0)
    of_documents = float(by_document.var(ddof=1)) / documents
    parts = []  # each with its degrees of freedom
    for right in (first, second):
        trainings = len(right)
        if trainings > 1:
            of_seeds = float(right.mean(axis=1).var(ddof=1)) / trainings
            of_documents -= residual_square(right) / trainings / documents
            parts.append((of_seeds, trainings - 1))
    parts.append((max(of_documents, 0.0), documents - 1))
    return _estimate(float(by_document.mean()), parts)


def documents_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Estimate:
    """Estimate how far these very trainings are apart on average, on all documents of the kind.

    first, second: as of `crossed_difference`. Nothing is said about other trainings.
    """
    _check(first, second)
    by_document = first.mean(axis=0) - second.mean(axis=0)
    documents = len(by_document)
    part = float(by_document.var(ddof=1)) / documents
    return _estimate(float(by_document.mean()), [(part, documents - 1)])


def residual_square(right: NDArray[np.bool_]) -> float:
    """The mean square that neither the trainings nor the documents explain.

    right: (trainings, documents), two of each at least.
    """
    trainings, documents = right.shape
    rest = right - right.mean(axis=1, keepdims=True) - right.mean(axis=0) + right.mean()
    return float((rest**2).sum() / ((trainings - 1) * (documents - 1)))


def _estimate(difference: float, parts: list[tuple[float, int]]) -> Estimate:
    """Add up parts of a variance; their degrees of freedom go together by Satterthwaite (1946)."""
    variance = sum(part for part, _ in parts)
    squares = sum(part**2 / freedom for part, freedom in parts)
    freedom = variance**2 / squares if squares else float(parts[-1][1])
    return Estimate(difference, math.sqrt(variance), freedom)


def _check(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> None:
    same = first.ndim == second.ndim == 2 and first.shape[1] == second.shape[1]
    if not same or first.shape[1] < 2 or not len(first) or not len(second):
        raise ShapeError(
            f"trainings on the same documents are needed, two documents at least, not "
            f"{first.shape} and {second.shape}"
        )
