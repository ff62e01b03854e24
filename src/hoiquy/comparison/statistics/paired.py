"""Two trained classifiers on the same documents: McNemar's test and the interval."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.errors import ShapeError


@dataclass(frozen=True)
class Agreement:
    """Numbers of documents that both, one or neither of two classifiers predict correctly."""

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


def agreement(first_correct: NDArray[np.bool_], second_correct: NDArray[np.bool_]) -> Agreement:
    """Count the documents that both, one or neither predict correctly.

    first_correct, second_correct: (documents,).
    Raises ShapeError if the shapes differ or the arrays are empty.
    """
    same = first_correct.shape == second_correct.shape
    if not same or first_correct.ndim != 1 or not len(first_correct):
        raise ShapeError(
            f"expected two classifiers on the same documents, not {first_correct.shape} and "
            f"{second_correct.shape}"
        )
    return Agreement(
        both=int(np.sum(first_correct & second_correct)),
        only_first=int(np.sum(first_correct & ~second_correct)),
        only_second=int(np.sum(~first_correct & second_correct)),
        neither=int(np.sum(~first_correct & ~second_correct)),
    )


def mcnemar_exact(counts: Agreement) -> float:
    """The p-value of McNemar's exact test (McNemar 1947), two-sided.

    If neither is better, which of them is correct where they disagree is a fair coin.
    """
    from scipy.stats import binomtest

    disagreements = counts.only_first + counts.only_second
    return float(binomtest(counts.only_first, disagreements).pvalue) if disagreements else 1.0


def mcnemar_mid_p(counts: Agreement) -> float:
    """The mid-p-value of McNemar's test, two-sided.

    The exact one, less the probability of what was observed: at the 5% level the exact test gives
    fewer than 5 false alarms in a hundred, this one about 5 (Fagerland, Lydersen & Laake 2013,
    "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
    conditional", BMC Medical Research Methodology 13, 91).
    """
    from scipy.stats import binom

    fewer = min(counts.only_first, counts.only_second)
    disagreements = counts.only_first + counts.only_second
    observed = float(binom.pmf(fewer, disagreements, 0.5))
    if counts.only_first == counts.only_second:  # in the middle, which belongs to both tails
        return 1 - observed / 2 if disagreements else 1.0
    return 2 * float(binom.cdf(fewer, disagreements, 0.5)) - observed


def paired_interval(counts: Agreement, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval for a difference of two accuracies on the same documents.

    Method 10 of Newcombe (1998), "Improved confidence intervals for the difference between
    binomial proportions based on paired data", Statistics in Medicine 17, 2635-2650: the Wilson
    intervals of the two accuracies are combined, taking their correlation into account. Wald's
    interval is simpler, but its coverage is too low for few documents, its width is 0 when the two
    never disagree, and it can leave [-1, 1]; for thousands of documents the two agree.
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
    """Newcombe's phi: the correlation of the two, shrunk towards 0 where it is positive."""
    documents = counts.documents
    first, second = counts.both + counts.only_first, counts.both + counts.only_second
    margins = first * (documents - first) * second * (documents - second)
    if margins == 0:  # one of them is always correct or always wrong
        return 0.0
    product = float(counts.both * counts.neither - counts.only_first * counts.only_second)
    if product > 0:
        product = max(product - documents / 2, 0.0)
    return product / math.sqrt(margins)


def _combined(one: float, other: float, correlation: float) -> float:
    # rounding can take the sum a hair below 0 when the two lengths and the correlation cancel
    return math.sqrt(max(one**2 - 2 * correlation * one * other + other**2, 0.0))
