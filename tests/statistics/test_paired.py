"""Intervals and tests against known values, brute force and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.statistics import PairedComparison, accuracy_interval, compare_paired

no_deadline = settings(deadline=None)  # scipy is imported by the first call

Z = 1.959963984540054  # 97.5 % of a standard normal lies below


def outcomes(both: int, first: int, second: int, neither: int) -> PairedComparison:
    """Compare two classifiers with these four counts, the documents in a shuffled order."""
    cells = [(True, True)] * both + [(True, False)] * first
    cells += [(False, True)] * second + [(False, False)] * neither
    table = np.random.default_rng(0).permutation(np.array(cells, dtype=bool).reshape(-1, 2))
    return compare_paired(table[:, 0], table[:, 1])


def wilson(correct: int, documents: int) -> tuple[float, float]:
    """The interval from its definition: where |accuracy - p| = z sqrt(p (1 - p) / documents)."""
    p = correct / documents
    centre = (p + Z**2 / (2 * documents)) / (1 + Z**2 / documents)
    half = Z * math.sqrt(p * (1 - p) / documents + Z**2 / (4 * documents**2))
    half /= 1 + Z**2 / documents
    return centre - half, centre + half


@no_deadline
@given(st.integers(1, 100_000), st.floats(0, 1))
def test_accuracy_interval_is_wilsons(documents: int, share: float) -> None:
    correct = round(share * documents)
    low, high = accuracy_interval(correct, documents)
    assert (low, high) == pytest.approx(wilson(correct, documents), abs=1e-12)
    assert -1e-12 <= low <= correct / documents + 1e-12
    assert correct / documents - 1e-12 <= high <= 1 + 1e-12


def test_accuracy_interval_of_the_lab() -> None:
    low, high = accuracy_interval(round(0.8757 * 25_000), 25_000)
    assert (round(low, 4), round(high, 4)) == (0.8715, 0.8797)


def test_more_confidence_is_wider() -> None:
    narrow, wide = accuracy_interval(80, 100, 0.8), accuracy_interval(80, 100, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(("correct", "documents"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_accuracies_are_refused(correct: int, documents: int) -> None:
    with pytest.raises(ShapeError, match=f"{correct} correct of {documents}"):
        accuracy_interval(correct, documents)


def test_paired_interval_is_the_published_example() -> None:
    """Cavo et al. (2012) as worked out by Fagerland, Lydersen and Laake (2017), chapter 8."""
    found = outcomes(both=59, first=6, second=16, neither=80)
    assert found.documents == 161
    assert (found.only_first_right, found.only_second_right) == (6, 16)
    rounded = tuple(round(value, 4) for value in (found.difference, found.low, found.high))
    assert rounded == (-0.0621, -0.1186, -0.0046)
    assert found.p_value == pytest.approx(0.0525, abs=5e-5)  # the exact conditional test there


def brute_force_p_value(first: int, second: int) -> float:
    """Sum the fair-coin probabilities that are no larger than the observed one."""
    tosses = first + second
    ways = [math.comb(tosses, heads) for heads in range(tosses + 1)]
    return sum(way for way in ways if way <= ways[first]) / 2**tosses


@no_deadline
@given(st.integers(0, 60), st.integers(0, 60))
def test_p_value_is_the_exact_binomial(first: int, second: int) -> None:
    found = outcomes(both=5, first=first, second=second, neither=5)
    assert found.p_value == pytest.approx(brute_force_p_value(first, second), rel=1e-9)


counts = st.integers(0, 300)


@no_deadline
@given(counts, counts, counts, counts)
def test_paired_comparison_is_symmetric(both: int, first: int, second: int, neither: int) -> None:
    if both + first + second + neither == 0:
        return
    one, other = outcomes(both, first, second, neither), outcomes(both, second, first, neither)
    assert one.difference == pytest.approx(-other.difference)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p_value == pytest.approx(other.p_value)
    assert -1 - 1e-9 <= one.low <= one.difference <= one.high <= 1 + 1e-9


def test_classifiers_that_agree_everywhere() -> None:
    found = outcomes(both=90, first=0, second=0, neither=10)
    assert (found.difference, found.p_value) == (0, 1)
    assert found.low < 0 < found.high  # Wald's interval would have no width at all


def test_wald_and_newcombe_agree_on_thousands_of_documents() -> None:
    first, second, documents = 1200, 1130, 25_000
    found = outcomes(21_000, first, second, documents - 21_000 - first - second)
    spread = math.sqrt(first + second - (first - second) ** 2 / documents) / documents
    difference = (first - second) / documents
    wald = (difference - Z * spread, difference + Z * spread)
    assert (found.low, found.high) == pytest.approx(wald, abs=2e-4)


def test_coverage_of_both_intervals() -> None:
    """About 95 of 100 intervals hold the truth, also for few documents and correlated answers."""
    rng = np.random.default_rng(20)
    repeats, documents = 500, 80
    chances = (0.78, 0.12, 0.04, 0.06)  # both, only first, only second, neither
    held_accuracy = held_difference = 0
    for both, first, second, neither in rng.multinomial(documents, chances, repeats).tolist():
        low, high = accuracy_interval(both + first, documents)
        held_accuracy += low <= 0.90 <= high
        found = outcomes(both, first, second, neither)
        held_difference += found.low <= 0.08 <= found.high
    assert 0.93 <= held_accuracy / repeats <= 0.98
    assert 0.93 <= held_difference / repeats <= 0.98


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.ones(3, bool), np.ones(4, bool)),
        (np.ones(0, bool), np.ones(0, bool)),
        (np.ones((2, 2), bool), np.ones((2, 2), bool)),
    ],
)
def test_other_documents_cannot_be_compared(
    first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> None:
    with pytest.raises(ShapeError, match="same documents"):
        compare_paired(first, second)
