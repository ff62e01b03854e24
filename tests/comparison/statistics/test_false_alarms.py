"""Of 2,000 comparisons of equally good models, about 5 in a hundred may claim a difference.

`simulated_models.py` says what is simulated; docs/comparison.md has the figures.
"""

from functools import partial
from itertools import product
from typing import Any

import claims
import numpy as np
import pytest
from claims import (
    DOCUMENTS,
    DOCUMENTS_MATTER,
    LAB,
    NO_SEEDS,
    NOTHING,
    SEEDS_MATTER,
    UNEQUAL,
    crossed,
    documents_only,
    from_fixed,
    mid_p,
    seeds_only,
)
from simulated_models import equal_recipes

false_alarms = partial(claims.false_alarms, simulations=2_000)


@pytest.mark.slow
@pytest.mark.parametrize("regime", [NOTHING, NO_SEEDS])
def test_one_training_each(regime: tuple[tuple[float, float], float]) -> None:
    """Where all trainings of a recipe are equally good, one of each is enough."""
    assert 0.035 <= false_alarms(mid_p, (1, 1), regime) <= 0.065


def some_slow(*rows: tuple[Any, Any]) -> list[Any]:
    """All rows but the first are tried by `make test-all` only."""
    return [rows[0], *(pytest.param(*row, marks=pytest.mark.slow) for row in rows[1:])]


@pytest.mark.parametrize(
    ("regime", "trainings"),
    some_slow(*product((LAB, NOTHING, NO_SEEDS, DOCUMENTS_MATTER), ((3, 3), (5, 5), (3, 5)))),
)
def test_several_seeds_each(
    trainings: tuple[int, int], regime: tuple[tuple[float, float], float]
) -> None:
    assert 0.035 <= false_alarms(crossed, trainings, regime) <= 0.065


@pytest.mark.slow
def test_where_seeds_are_all_that_matters_three_are_cautious() -> None:
    """Welch's test on three and three numbers claims too little: Satterthwaite's approximation."""
    assert 0.025 <= false_alarms(crossed, (3, 3), SEEDS_MATTER) <= 0.045
    assert 0.035 <= false_alarms(crossed, (5, 5), SEEDS_MATTER) <= 0.065


@pytest.mark.slow
def test_recipes_of_unequal_spread() -> None:
    assert false_alarms(crossed, (3, 3), UNEQUAL) <= 0.075
    assert false_alarms(crossed, (5, 5), UNEQUAL) <= 0.065


@pytest.mark.parametrize(
    ("regime", "trainings"),
    some_slow(*product((LAB, NO_SEEDS, SEEDS_MATTER), ((3, 1), (2, 1), (5, 1)))),
)
def test_against_a_baseline_it_is_never_too_bold(
    trainings: tuple[int, int], regime: tuple[tuple[float, float], float]
) -> None:
    (spread, _), suiting = regime
    assert 0.01 <= false_alarms(from_fixed, trainings, ((spread, 0.0), suiting)) <= 0.06


def test_what_becomes_of_tests_that_forget_something() -> None:
    """Why the test is as it is: take seeds or documents as fixed, and luck passes for skill."""
    assert false_alarms(mid_p, (1, 1), LAB) > 0.3
    assert false_alarms(documents_only, (3, 3), LAB) > 0.2
    assert false_alarms(seeds_only, (5, 5), NO_SEEDS) > 0.1


def test_a_real_difference_is_found() -> None:
    """Documents that suit one recipe better by twice what could just be seen."""
    rng = np.random.default_rng(1)
    found = []
    for first, second in equal_recipes(rng, 300, DOCUMENTS, (5, 5), *LAB):
        better = first | (rng.random(first.shape) < 0.5)  # corrects half of the errors
        found.append(crossed(np.asarray(better), second))
    assert np.mean(found) > 0.95
