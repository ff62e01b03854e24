"""How sure an accuracy is, and whether two networks really differ on the same documents."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError


@dataclass(frozen=True)
class PairedComparison:
    """Two classifiers on the same documents; `difference` is accuracy of first minus second."""

    documents: int
    only_first_right: int
    only_second_right: int
    difference: float  # fraction
    low: float  # of the interval around `difference`
    high: float
    p_value: float  # McNemar's exact test


def accuracy_interval(
    correct: int, documents: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the score interval of an accuracy (Wilson 1927), two fractions within [0, 1].

    Unlike accuracy ± 1.96 standard errors it keeps its coverage for few documents and for
    accuracies near 0 or 1. Raises ShapeError unless 0 <= correct <= documents and documents >= 1.
    """
    from scipy.stats import binomtest

    if not 0 <= correct <= documents or documents < 1:
        raise ShapeError(f"{correct} correct of {documents} documents is not an accuracy")
    interval = binomtest(correct, documents).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def compare_paired(
    first_right: NDArray[np.bool_], second_right: NDArray[np.bool_], confidence: float = 0.95
) -> PairedComparison:
    """Compare two classifiers on the same documents.

    first_right, second_right: (documents,), whether each was right about each document.
    The p-value is McNemar's exact one (McNemar 1947): if neither is better, a document that only
    one of them gets right is a fair coin. The interval is described at `_paired_interval`.
    Raises ShapeError if the arrays disagree about the documents, or are empty.
    """
    from scipy.stats import binomtest

    if first_right.shape != second_right.shape or first_right.ndim != 1 or not len(first_right):
        raise ShapeError(
            f"two classifiers on the same documents are needed, not {first_right.shape} and "
            f"{second_right.shape}"
        )
    both = int(np.sum(first_right & second_right))
    only_first = int(np.sum(first_right & ~second_right))
    only_second = int(np.sum(~first_right & second_right))
    neither = len(first_right) - both - only_first - only_second
    low, high = _paired_interval(both, only_first, only_second, neither, confidence)
    disagreements = only_first + only_second
    return PairedComparison(
        documents=len(first_right),
        only_first_right=only_first,
        only_second_right=only_second,
        difference=(only_first - only_second) / len(first_right),
        low=low,
        high=high,
        p_value=float(binomtest(only_first, disagreements).pvalue) if disagreements else 1.0,
    )


def _paired_interval(
    both: int, only_first: int, only_second: int, neither: int, confidence: float
) -> tuple[float, float]:
    """Return the interval for a difference of two accuracies on the same documents.

    Method 10 of Newcombe (1998), "Improved confidence intervals for the difference between
    binomial proportions based on paired data", Statistics in Medicine 17, 2635-2650: the Wilson
    intervals of the two accuracies are combined, less what their correlation explains away.
    Wald's interval is simpler, but it covers too seldom for few documents, has width 0 when the
    two never disagree, and can leave [-1, 1]; for thousands of documents the two agree.
    """
    documents = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    low_first, high_first = accuracy_interval(first, documents, confidence)
    low_second, high_second = accuracy_interval(second, documents, confidence)
    below_first, above_first = first / documents - low_first, high_first - first / documents
    below_second, above_second = second / documents - low_second, high_second - second / documents
    correlation = _correlation(both, only_first, only_second, neither)
    difference = (only_first - only_second) / documents
    return (
        difference - _combined(below_first, above_second, correlation),
        difference + _combined(above_first, below_second, correlation),
    )


def _correlation(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Newcombe's phi: the correlation of the two, brought towards 0 where it is positive."""
    documents = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    margins = first * (documents - first) * second * (documents - second)
    if margins == 0:  # one of them is always right or always wrong
        return 0.0
    product = float(both * neither - only_first * only_second)
    if product > 0:
        product = max(product - documents / 2, 0.0)
    return product / math.sqrt(margins)


def _combined(one: float, other: float, correlation: float) -> float:
    # rounding can take the sum a hair below 0 when the two lengths and the correlation cancel
    return math.sqrt(max(one**2 - 2 * correlation * one * other + other**2, 0.0))
