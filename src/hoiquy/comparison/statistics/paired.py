"""Two trained classifiers on the same documents: who alone was right, tests and interval."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.errors import ShapeError


@dataclass(frozen=True)
class Agreement:
    """On how many documents both, one or none of two classifiers were right."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def documents(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the first minus that of the second, a fraction."""
        return (self.only_first - self.only_second) / self.documents


def agreement(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> Agreement:
    """Count who was right.

    first_right, second_right: (documents,), whether each was right about each document.
    Raises ShapeError if the arrays disagree about the documents, or are empty.
    """
    if first_right.shape != second_right.shape or first_right.ndim != 1 or not len(first_right):
        raise ShapeError(
            f"two classifiers on the same documents are needed, not {first_right.shape} and "
            f"{second_right.shape}"
        )
    return Agreement(
        both=int(np.sum(first_right & second_right)),
        only_first=int(np.sum(first_right & ~second_right)),
        only_second=int(np.sum(~first_right & second_right)),
        neither=int(np.sum(~first_right & ~second_right)),
    )


def mcnemar_exact(counts: Agreement) -> float:
    """The p-value of McNemar's exact test (McNemar 1947), two-sided.

    If neither is better, a document that only one of them gets right is a fair coin.
    """
    from scipy.stats import binomtest

    disagreements = counts.only_first + counts.only_second
    return float(binomtest(counts.only_first, disagreements).pvalue) if disagreements else 1.0


def mcnemar_mid_p(counts: Agreement) -> float:
    """The mid-p-value of McNemar's test, two-sided.

    The exact one, less the probability of what was observed: at the level 5 % the exact test gives
    fewer than 5 false alarms in a hundred, this one about 5 (Fagerland, Lydersen & Laake 2013,
    "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
    conditional", BMC Medical Research Methodology 13, 91).
    """
    from scipy.stats import binom

    fewer = min(counts.only_first, counts.only_second)
    disagreements = counts.only_first + counts.only_second
    observed = float(binom.pmf(fewer, disagreements, 0.5))
    if counts.only_first == counts.only_second:  # in the middle: it is both tails at once
        return 1 - observed / 2 if disagreements else 1.0
    return 2 * float(binom.cdf(fewer, disagreements, 0.5)) - observed


def paired_interval(counts: Agreement, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval for a difference of two accuracies on the same documents.

    Method 10 of Newcombe (1998), "Improved confidence intervals for the difference between
    binomial proportions based on paired data", Statistics in Medicine 17, 2635-2650: the Wilson
    intervals of the two accuracies are combined, less what their correlation explains away.
    Wald's interval is simpler, but it covers too seldom for few documents, has width 0 when the
    two never disagree, and can leave [-1, 1]; for thousands of documents the two agree.
    """
    documents = counts.documents
    first, second = counts.both + counts.only_first, counts.both + counts.only_second
    low_first, high_first = accuracy_interval(first, documents, confidence)
    low_second, high_second = accuracy_interval(second, documents, confidence)
    below_first, above_first = first / documents - low_first, high_first - first / documents
    below_second, above_second = second / documents - low_second, high_second - second / documents
    correlation = _correlation(counts)
    return (
        counts.difference - _combined(below_first, above_second, correlation),
        counts.difference + _combined(above_first, below_second, correlation),
    )


def _correlation(counts: Agreement) -> float:
    """Newcombe's phi: the correlation of the two, brought towards 0 where it is positive."""
    documents = counts.documents
    first, second = counts.both + counts.only_first, counts.both + counts.only_second
    margins = first * (documents - first) * second * (documents - second)
    if margins == 0:  # one of them is always right or always wrong
        return 0.0
    product = float(counts.both * counts.neither - counts.only_first * counts.only_second)
    if product > 0:
        product = max(product - documents / 2, 0.0)
    return product / math.sqrt(margins)


def _combined(one: float, other: float, correlation: float) -> float:
    # rounding can take the sum a hair below 0 when the two lengths and the correlation cancel
    return math.sqrt(max(one**2 - 2 * correlation * one * other + other**2, 0.0))
