"""Of 2,000 comparisons of equally good models, about 5 in a hundred may claim a difference.

`simulated_models.py` says what is simulated; docs/comparison.md has the figures.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_ind
from simulated_models import equal_recipes

from hoiquy.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
)
from hoiquy.statistics.paired import agreement, mcnemar_mid_p

REPEATS, DOCUMENTS, LEVEL = 2_000, 1_000, 0.05

Right = NDArray[np.bool_]
Claims = Callable[[Right, Right], bool]

# How far seeds are apart, and how differently documents suit the two recipes. In the lab, seeds are
# 0.2 to 0.3 points apart on 25,000 documents, two to four times what documents alone would
# do; these are two times and a bit.
NOTHING = ((0.0, 0.0), 0.0)
NO_SEEDS = ((0.0, 0.0), 0.7)
LAB = ((0.18, 0.18), 0.7)
DOCUMENTS_MATTER = ((0.18, 0.18), 1.5)
SEEDS_MATTER = ((0.4, 0.4), 0.0)
UNEQUAL = ((0.3, 0.06), 0.7)


def false_alarms(
    claims: Claims,
    trainings: tuple[int, int],
    regime: tuple[tuple[float, float], float],
) -> float:
    """The share of comparisons of equal models that claim a difference."""
    rng = np.random.default_rng(0)
    pairs = equal_recipes(rng, REPEATS, DOCUMENTS, trainings, *regime)
    return float(np.mean([claims(first, second) for first, second in pairs]))


def crossed(first: Right, second: Right) -> bool:
    return crossed_difference(first, second).p_value() < LEVEL


def fixed(network: Right, baseline: Right) -> bool:
    low, high = difference_from_fixed(network, baseline).interval(1 - LEVEL)
    return not low <= 0 <= high


def documents_only(first: Right, second: Right) -> bool:
    return documents_difference(first, second).p_value() < LEVEL


def seeds_only(first: Right, second: Right) -> bool:
    test = ttest_ind(first.mean(axis=1), second.mean(axis=1), equal_var=False)
    return bool(test.pvalue < LEVEL)


def mcnemar(first: Right, second: Right) -> bool:
    return mcnemar_mid_p(agreement(first[0], second[0])) < LEVEL


@pytest.mark.parametrize("regime", [NOTHING, NO_SEEDS])
def test_one_training_each(regime: tuple[tuple[float, float], float]) -> None:
    """Where all trainings of a recipe are equally good, one of each is enough."""
    assert 0.035 <= false_alarms(mcnemar, (1, 1), regime) <= 0.065


@pytest.mark.parametrize("trainings", [(3, 3), (5, 5), (3, 5)])
@pytest.mark.parametrize("regime", [NOTHING, NO_SEEDS, LAB, DOCUMENTS_MATTER])
def test_several_seeds_each(
    trainings: tuple[int, int], regime: tuple[tuple[float, float], float]
) -> None:
    assert 0.035 <= false_alarms(crossed, trainings, regime) <= 0.065


def test_where_seeds_are_all_that_matters_three_are_cautious() -> None:
    """Welch's test on three and three numbers claims too little: Satterthwaite's approximation."""
    assert 0.025 <= false_alarms(crossed, (3, 3), SEEDS_MATTER) <= 0.045
    assert 0.035 <= false_alarms(crossed, (5, 5), SEEDS_MATTER) <= 0.065


def test_recipes_of_unequal_spread() -> None:
    assert false_alarms(crossed, (3, 3), UNEQUAL) <= 0.075
    assert false_alarms(crossed, (5, 5), UNEQUAL) <= 0.065


@pytest.mark.parametrize("regime", [NO_SEEDS, LAB, SEEDS_MATTER])
@pytest.mark.parametrize("trainings", [(2, 1), (3, 1), (5, 1)])
def test_against_a_baseline_it_is_never_too_bold(
    trainings: tuple[int, int], regime: tuple[tuple[float, float], float]
) -> None:
    (spread, _), suiting = regime
    assert 0.01 <= false_alarms(fixed, trainings, ((spread, 0.0), suiting)) <= 0.06


def test_what_becomes_of_tests_that_forget_something() -> None:
    """Why the test is as it is: take seeds or documents as fixed, and luck passes for skill."""
    assert false_alarms(mcnemar, (1, 1), LAB) > 0.3
    assert false_alarms(documents_only, (3, 3), LAB) > 0.2
    assert false_alarms(seeds_only, (5, 5), NO_SEEDS) > 0.1


def test_a_real_difference_is_found() -> None:
    """Documents that suit one recipe better by twice what could just be seen."""
    rng = np.random.default_rng(1)
    found = []
    for first, second in equal_recipes(rng, 300, DOCUMENTS, (5, 5), *LAB):
        better = first | (rng.random(first.shape) < 0.5)  # right about half of its mistakes
        found.append(crossed(np.asarray(better), second))
    assert np.mean(found) > 0.95
