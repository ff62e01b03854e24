"""Student's t, Satterthwaite, Cochran and power against SciPy, statsmodels and each other."""

import numpy as np
import pytest
from scipy.stats import norm, t, ttest_ind
from statsmodels.stats.power import TTestPower

from hoiquy.comparison.statistics.estimate import Estimate


def welch(first: np.ndarray, second: np.ndarray) -> Estimate:
    parts = tuple((float(x.var(ddof=1)) / len(x), len(x) - 1.0) for x in (first, second))
    return Estimate(float(first.mean() - second.mean()), parts)


@pytest.mark.parametrize("counts", [(3, 3), (2, 7), (5, 40)])
def test_two_parts_by_satterthwaite_are_welchs_test(counts: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(counts))
    first, second = rng.normal(0.1, 1, counts[0]), rng.normal(0, 3, counts[1])
    theirs = ttest_ind(first, second, equal_var=False)
    ours = welch(first, second)
    assert ours.p_value() == pytest.approx(theirs.pvalue)
    assert ours.freedom == pytest.approx(theirs.df)
    assert ours.interval() == pytest.approx(tuple(theirs.confidence_interval()))


def test_cochrans_critical_value_lies_between_those_of_the_parts() -> None:
    mixed = Estimate(1.0, ((0.3, 2.0), (0.1, 4_999.0)), cochran=True)
    expected = 0.75 * t.isf(0.025, 2) + 0.25 * t.isf(0.025, 4_999)
    assert mixed.critical(0.05) == pytest.approx(expected)
    alone = Estimate(1.0, ((0.4, 2.0), (0.0, 4_999.0)), cochran=True)
    assert alone.critical(0.05) == pytest.approx(t.isf(0.025, 2))


@pytest.mark.parametrize("cochran", [False, True])
@pytest.mark.parametrize("difference", [-3.0, -0.2, 0.5, 8.0])
def test_p_value_and_interval_say_the_same(cochran: bool, difference: float) -> None:
    estimate = Estimate(difference, ((0.3, 2.0), (0.1, 999.0)), cochran)
    p_value = estimate.p_value()
    assert estimate.critical(p_value) * estimate.standard_error == pytest.approx(abs(difference))
    ends = estimate.interval(1 - p_value)  # the interval that only just touches 0
    assert min(abs(end) for end in ends) == pytest.approx(0, abs=1e-9)


def test_extremes_of_the_p_value() -> None:
    for cochran in (False, True):
        parts = ((1e-6, 2.0), (1e-6, 24_999.0))
        assert Estimate(0.0, parts, cochran).p_value() == 1
        assert 0 < Estimate(0.375, parts, cochran).p_value() < 1e-4
        assert Estimate(0.0, ((0.0, 2.0),), cochran).p_value() == 1
        assert Estimate(0.1, ((0.0, 2.0),), cochran).p_value() == 0


@pytest.mark.parametrize("freedom", [2.0, 4.0, 30.0])
def test_power_is_that_of_statsmodels(freedom: float) -> None:
    estimate = Estimate(0.0, ((0.04, freedom),))
    smallest = estimate.smallest_visible()
    # one sample of n = freedom + 1 whose standard error is 0.2
    effect = smallest / (0.2 * np.sqrt(freedom + 1))
    assert TTestPower().power(effect, freedom + 1, 0.05) == pytest.approx(0.8, abs=1e-3)


def test_power_with_many_degrees_of_freedom_is_normal() -> None:
    estimate = Estimate(0.0, ((1.0, 24_999.0),))
    assert estimate.smallest_visible() == pytest.approx(norm.ppf(0.975) + norm.ppf(0.8), rel=1e-3)


@pytest.mark.parametrize("freedom", [1.0, 1.3, 2.0, 3.7, 100.0, 1e5])
@pytest.mark.parametrize("level", [0.05, 0.05 / 50])
def test_power_by_simulation(freedom: float, level: float) -> None:
    estimate = Estimate(0.0, ((1.0, freedom),))
    smallest = estimate.smallest_visible(level)
    rng = np.random.default_rng(1)
    drawn = (rng.normal(smallest, 1, 40_000)) / np.sqrt(rng.chisquare(freedom, 40_000) / freedom)
    assert np.mean(np.abs(drawn) > estimate.critical(level)) == pytest.approx(0.8, abs=0.01)


def test_without_noise_everything_is_visible() -> None:
    assert Estimate(0.0, ((0.0, 4.0),)).smallest_visible() == 0
