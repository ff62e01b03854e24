"""Tests that claim a difference or not, used and not used, and how often they claim a false one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.stats import ttest_ind
from simulated_models import Right, equal_recipes

from hoiquy.comparison.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
)
from hoiquy.comparison.statistics.paired import agreement, mcnemar_exact, mcnemar_mid_p

DOCUMENTS, LEVEL = 1_000, 0.05

Claims = Callable[[Right, Right], bool]
Regime = tuple[tuple[float, float], float]  # spread of the seeds of each, of what suits them

# How far seeds are apart, and how differently documents suit the two recipes. In the lab, seeds are
# 0.2 to 0.3 points apart on 25,000 documents, two to four times what documents alone would
# do; these are two times and a bit.
NOTHING: Regime = ((0.0, 0.0), 0.0)
NO_SEEDS: Regime = ((0.0, 0.0), 0.7)
LAB: Regime = ((0.18, 0.18), 0.7)
DOCUMENTS_MATTER: Regime = ((0.18, 0.18), 1.5)
SEEDS_MATTER: Regime = ((0.4, 0.4), 0.0)
UNEQUAL: Regime = ((0.3, 0.06), 0.7)


def crossed(first: Right, second: Right) -> bool:
    return crossed_difference(first, second).p_value() < LEVEL


def from_fixed(network: Right, baseline: Right) -> bool:
    low, high = difference_from_fixed(network, baseline).interval(1 - LEVEL)
    return not low <= 0 <= high


def from_fixed_by_satterthwaite(network: Right, baseline: Right) -> bool:
    return replace(difference_from_fixed(network, baseline), cochran=False).p_value() < LEVEL


def documents_only(first: Right, second: Right) -> bool:
    return documents_difference(first, second).p_value() < LEVEL


def seeds_only(first: Right, second: Right) -> bool:
    one, other = first.mean(axis=1), second.mean(axis=1)
    if one.var() == other.var() == 0:
        return False
    return bool(ttest_ind(one, other, equal_var=False).pvalue < LEVEL)


def mid_p(first: Right, second: Right) -> bool:
    return mcnemar_mid_p(agreement(first[0], second[0])) < LEVEL


def exact(first: Right, second: Right) -> bool:
    return mcnemar_exact(agreement(first[0], second[0])) < LEVEL


def false_alarms(
    claims: Claims, trainings: tuple[int, int], regime: Regime, simulations: int
) -> float:
    """The share of comparisons of equal models that claim a difference."""
    rng = np.random.default_rng(0)
    pairs = equal_recipes(rng, simulations, DOCUMENTS, trainings, *regime)
    return float(np.mean([claims(first, second) for first, second in pairs]))
