"""Crossed random effects against an analysis of variance by statsmodels, and by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from hoiquy.comparison.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
    residual_square,
)
from hoiquy.errors import ShapeError


def table(seeds: int, documents: int, seed: int) -> NDArray[np.bool_]:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.random((seeds, documents)) < rng.uniform(0.3, 1, documents))


def mean_squares(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> dict[str, float]:
    """Mean squares of recipe, seed within recipe, recipe × document, and the rest."""
    rows = [
        (recipe, seed, document, float(right[seed, document]))
        for recipe, right in (("A", first), ("B", second))
        for seed in range(len(right))
        for document in range(right.shape[1])
    ]
    frame = pd.DataFrame(rows, columns=["recipe", "seed", "document", "right"])
    found = anova_lm(ols("right ~ C(recipe) * C(document) + C(recipe):C(seed)", frame).fit())
    names = {"C(recipe)": "recipe", "C(recipe):C(seed)": "seed", "Residual": "residual"}
    names |= {"C(recipe):C(document)": "interaction"}
    return {name: float(found.sum_sq[row] / found.df[row]) for row, name in names.items()}


@pytest.mark.parametrize(("seeds", "documents"), [(2, 9), (3, 20), (5, 8)])
def test_the_squared_t_is_the_quasi_f(seeds: int, documents: int) -> None:
    first, second = table(seeds, documents, 1), table(seeds, documents, 2)
    squares = mean_squares(first, second)
    found = crossed_difference(first, second)
    # Clark's F'': recipe over (seed + recipe × document - the rest)
    below = squares["seed"] + max(squares["interaction"] - squares["residual"], 0)
    assert found.difference**2 / found.variance == pytest.approx(squares["recipe"] / below)
    scale = 2 / (seeds * documents)
    assert found.parts[0][0] + found.parts[1][0] == pytest.approx(scale * squares["seed"])
    both = (residual_square(first) + residual_square(second)) / 2
    assert both == pytest.approx(squares["residual"])


def test_every_part_by_hand() -> None:
    """Two seeds against three on four documents, in fractions."""
    first = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)  # accuracies 3/4, 1/2
    second = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [1, 1, 0, 1]], bool)  # 1/4, 1/2, 3/4
    found = crossed_difference(first, second)
    assert found.difference == pytest.approx(5 / 8 - 1 / 2)
    seeds_of_first, seeds_of_second, documents = found.parts
    assert seeds_of_first == pytest.approx((1 / 32 / 2, 1))
    assert seeds_of_second == pytest.approx((1 / 16 / 3, 2))
    by_document = np.array([0, 2 / 3, 1 / 2, -2 / 3])
    rest_of_first = 4 * 2 * (1 / 8) ** 2 - 2 * (1 / 8) ** 2 + 2 * (3 / 8) ** 2
    assert residual_square(first) == pytest.approx(rest_of_first / 3)
    less = residual_square(first) / 2 + residual_square(second) / 3
    assert documents == pytest.approx(((by_document.var(ddof=1) - less) / 4, 3))


def test_it_is_symmetric_and_seeds_and_documents_have_no_order() -> None:
    first, second = table(3, 40, 1), table(5, 40, 2)
    one, other = crossed_difference(first, second), crossed_difference(second, first)
    assert one.difference == pytest.approx(-other.difference)
    assert one.p_value() == pytest.approx(other.p_value())
    order = np.random.default_rng(0).permutation(40)
    shuffled = crossed_difference(first[::-1][:, order], second[[2, 0, 4, 1, 3]][:, order])
    assert shuffled.p_value() == pytest.approx(one.p_value())


def test_of_a_baseline_only_the_other_side_has_seeds() -> None:
    network, baseline = table(4, 50, 1), table(1, 50, 2)
    found = difference_from_fixed(network, baseline)
    seeds, documents = found.parts
    assert seeds == pytest.approx((network.mean(axis=1).var(ddof=1) / 4, 3))
    by_document = network.mean(axis=0) - baseline[0]
    less = residual_square(network) / 4
    assert documents == pytest.approx(((by_document.var(ddof=1) - less) / 50, 49))
    assert found.cochran


def test_of_these_trainings_only_documents_vary() -> None:
    first, second = table(1, 50, 1), table(3, 50, 2)
    found = documents_difference(first, second)
    by_document = first[0] - second.mean(axis=0)
    assert found.standard_error == pytest.approx(by_document.std(ddof=1) / np.sqrt(50))
    assert found.freedom == 49


def test_seeds_of_equal_accuracy_do_not_make_a_difference_certain() -> None:
    """On few documents accuracies can be equal by chance, although the seeds differ."""
    first = np.array([[1, 1, 1, 0], [1, 1, 0, 1], [0, 1, 1, 1]], bool)
    second = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]], bool)
    found = crossed_difference(first, second)
    assert found.variance == pytest.approx(documents_difference(first, second).variance)
    assert found.p_value() > 0.001


def test_networks_that_are_the_same_differ_in_nothing() -> None:
    right = np.tile(table(1, 30, 1), (3, 1))
    found = crossed_difference(right, right)
    assert (found.difference, found.p_value(), found.interval()) == (0, 1, (0, 0))


@pytest.mark.parametrize("shapes", [((2, 5), (2, 6)), ((1, 5), (3, 5)), ((2, 1), (2, 1))])
def test_other_documents_or_too_few_trainings_are_refused(
    shapes: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    with pytest.raises(ShapeError, match="at least 2 and 2 trainings"):
        crossed_difference(np.ones(shapes[0], bool), np.ones(shapes[1], bool))
