"""The mean over seeds against SciPy."""

import numpy as np
import pytest
from scipy.stats import sem, t

from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.errors import ShapeError


@pytest.mark.parametrize("count", [2, 3, 10])
def test_it_is_students(count: int) -> None:
    values = np.random.default_rng(count).normal(0.875, 0.003, count).tolist()
    expected = t.interval(0.95, count - 1, loc=np.mean(values), scale=sem(values))
    assert mean_interval(values) == pytest.approx(expected)


def test_three_seeds_by_hand() -> None:
    low, high = mean_interval([0.87, 0.88, 0.89])
    assert (low, high) == pytest.approx(
        (0.88 - 4.302653 * 0.01 / 3**0.5, 0.88 + 0.0248414), abs=1e-6
    )


def test_one_seed_has_no_interval() -> None:
    with pytest.raises(ShapeError, match="two are needed"):
        mean_interval([0.9])
