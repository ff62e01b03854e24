"""Two trainings on the same documents: known values, brute force, statsmodels, simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import mcnemar

from hoiquy.comparison.statistics.paired import (
    Agreement,
    agreement,
    mcnemar_exact,
    mcnemar_mid_p,
    paired_interval,
)
from hoiquy.errors import ShapeError

no_deadline = settings(deadline=None)  # scipy is imported by the first call

Z = 1.959963984540054  # 97.5% of a standard normal lies below

CAVO = Agreement(both=59, only_first=6, only_second=16, neither=80)
"""Cavo et al. (2012), worked out by Fagerland, Lydersen and Laake (2013; 2017, chapter 8)."""

counts = st.integers(0, 300)
few = st.integers(0, 60)


def outcomes(both: int, first: int, second: int, neither: int) -> Agreement:
    """Count two classifiers with these four counts, the documents in a shuffled order."""
    cells = [(True, True)] * both + [(True, False)] * first
    cells += [(False, True)] * second + [(False, False)] * neither
    table = np.random.default_rng(0).permutation(np.array(cells, dtype=bool).reshape(-1, 2))
    return agreement(table[:, 0], table[:, 1])


def test_documents_are_counted() -> None:
    found = outcomes(both=59, first=6, second=16, neither=80)
    assert found == CAVO
    assert found.documents == 161
    assert round(found.difference, 4) == -0.0621


def test_published_example() -> None:
    low, high = paired_interval(CAVO)
    assert (round(low, 4), round(high, 4)) == (-0.1186, -0.0046)
    assert mcnemar_exact(CAVO) == pytest.approx(0.0525, abs=5e-5)
    assert mcnemar_mid_p(CAVO) == pytest.approx(0.0347, abs=5e-5)


def coin(first: int, second: int) -> tuple[float, float, float]:
    """Of a fair coin: how probable this count is, what is less probable, and what as probable."""
    tosses = first + second
    ways = [math.comb(tosses, heads) for heads in range(tosses + 1)]
    less = sum(way for way in ways if way < ways[first])
    equal = sum(way for way in ways if way == ways[first])
    return ways[first] / 2**tosses, less / 2**tosses, equal / 2**tosses


@no_deadline
@given(few, few)
def test_p_values_are_those_of_a_fair_coin(first: int, second: int) -> None:
    found = outcomes(both=5, first=first, second=second, neither=5)
    _, less, equal = coin(first, second)
    assert mcnemar_exact(found) == pytest.approx(less + equal, rel=1e-9)
    if first + second:  # half of what was observed counts
        assert mcnemar_mid_p(found) == pytest.approx(less + equal / 2, rel=1e-9)
    else:
        assert mcnemar_mid_p(found) == 1


@no_deadline
@given(few, few)
def test_the_exact_test_is_that_of_statsmodels(first: int, second: int) -> None:
    table = [[5, first], [second, 5]]
    theirs = float(mcnemar(table, exact=True).pvalue) if first + second else 1.0
    assert mcnemar_exact(Agreement(5, first, second, 5)) == pytest.approx(theirs, rel=1e-9)


@no_deadline
@given(counts, counts, counts, counts)
def test_it_is_symmetric(both: int, first: int, second: int, neither: int) -> None:
    if both + first + second + neither == 0:
        return
    one, other = Agreement(both, first, second, neither), Agreement(both, second, first, neither)
    assert one.difference == pytest.approx(-other.difference)
    low, high = paired_interval(one)
    assert (low, high) == pytest.approx(tuple(-end for end in reversed(paired_interval(other))))
    assert -1 - 1e-9 <= low <= one.difference <= high <= 1 + 1e-9
    assert mcnemar_exact(one) == pytest.approx(mcnemar_exact(other))
    assert mcnemar_mid_p(one) == pytest.approx(mcnemar_mid_p(other))
    assert 0 <= mcnemar_mid_p(one) <= mcnemar_exact(one) <= 1


def test_classifiers_that_agree_everywhere() -> None:
    found = outcomes(both=90, first=0, second=0, neither=10)
    low, high = paired_interval(found)
    assert (found.difference, mcnemar_exact(found), mcnemar_mid_p(found)) == (0, 1, 1)
    assert low < 0 < high  # Wald's interval would have no width at all


def test_wald_and_newcombe_agree_on_thousands_of_documents() -> None:
    first, second, documents = 1200, 1130, 25_000
    found = Agreement(21_000, first, second, documents - 21_000 - first - second)
    spread = math.sqrt(first + second - (first - second) ** 2 / documents) / documents
    wald = (found.difference - Z * spread, found.difference + Z * spread)
    assert paired_interval(found) == pytest.approx(wald, abs=2e-4)


def test_coverage_of_the_interval() -> None:
    """About 95 of 100 intervals hold the truth, also for few documents and correlated answers."""
    rng = np.random.default_rng(20)
    repeats, documents = 500, 80
    chances = (0.78, 0.12, 0.04, 0.06)  # both, only first, only second, neither
    held = 0
    for cells in rng.multinomial(documents, chances, repeats).tolist():
        low, high = paired_interval(Agreement(*cells))
        held += low <= 0.08 <= high
    assert 0.93 <= held / repeats <= 0.98


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
        agreement(first, second)
