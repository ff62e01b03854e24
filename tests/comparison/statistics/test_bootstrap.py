"""The bootstrap by counts is the bootstrap of documents."""

import numpy as np
import pytest
from scipy.stats import bootstrap, norm

from hoiquy.comparison.statistics.bootstrap import bootstrap_interval
from hoiquy.errors import ShapeError


@pytest.mark.parametrize("trainings", [1, 3])
def test_it_is_that_of_scipy(trainings: int) -> None:
    rng = np.random.default_rng(trainings)
    first, second = rng.random((2, trainings, 400)) < [[[0.8]], [[0.75]]]
    differences = first.mean(axis=0) - second.mean(axis=0)
    theirs = bootstrap(
        (differences,), np.mean, method="percentile", n_resamples=9_999, rng=rng
    ).confidence_interval
    # both are estimates of the same quantiles; a document in 400 is 0.0025
    assert bootstrap_interval(differences) == pytest.approx(tuple(theirs), abs=2.5e-3)


def test_the_same_documents_give_the_same_interval() -> None:
    differences = np.repeat([1.0, 0.0, -1.0], [30, 200, 20])
    assert bootstrap_interval(differences) == bootstrap_interval(differences[::-1])


def test_thousands_of_documents_are_normal() -> None:
    differences = np.repeat([1.0, 0.0, -1.0], [1_200, 22_670, 1_130])
    half = norm.ppf(0.975) * differences.std() / np.sqrt(len(differences))
    expected = (differences.mean() - half, differences.mean() + half)
    assert bootstrap_interval(differences) == pytest.approx(expected, abs=1e-4)


def test_more_confidence_is_wider() -> None:
    differences = np.repeat([1.0, 0.0, -1.0], [30, 200, 20])
    narrow, wide = (bootstrap_interval(differences, level) for level in (0.8, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("shape", [(0,), (2, 2)])
def test_documents_are_needed(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="one per document"):
        bootstrap_interval(np.zeros(shape))
