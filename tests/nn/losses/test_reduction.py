"""The loss of a batch from its values: shards add up to the batch, and wrong shapes are named."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradients import assert_gradients
from hoiquy.errors import ShapeError
from hoiquy.nn.losses import (
    REDUCTIONS,
    batch_constants,
    reduced,
    value_scale,
    weighted_sum,
    weighted_values,
)


@given(
    reduction=st.sampled_from(REDUCTIONS),
    rows=st.integers(1, 70),
    steps=st.sampled_from([None, 1, 3]),
    weighted=st.sampled_from([None, "rows", "column", "steps"]),
    masked=st.booleans(),
    seed=st.integers(0, 9),
)
def test_shards_add_up_to_the_batch(
    reduction: Any, rows: int, steps: int | None, weighted: str | None, masked: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = (rows,) if steps is None else (rows, steps)
    values = rng.random(shape)
    shapes = {"rows": (rows,), "column": (rows, 1), "steps": shape}
    weights = None if weighted is None else rng.random(shapes[weighted])
    mask = rng.random(shape) < 0.5 if masked else None
    loss, scale = reduced(values, weights, mask, reduction)
    assert scale.shape == values.shape
    assert_gradients(
        lambda: reduced(values, weights, mask, reduction)[0], {"v": values}, {"v": scale}, rng
    )
    constants = batch_constants(shape, weights, mask, reduction)
    total, scales = 0.0, []
    for part in (slice(i, i + 32) for i in range(0, rows, 32)):
        of_weights = None if weights is None else weights[part]
        of_mask = None if mask is None else mask[part]
        scales.append(value_scale(values[part], of_weights, of_mask, constants))
        total += weighted_sum(values[part], scales[-1])
    np.testing.assert_array_equal(np.concatenate(scales), scale)
    assert total == pytest.approx(loss, rel=1e-12)


def test_a_weight_for_each_row_counts_for_all_its_steps() -> None:
    values = np.arange(6.0).reshape(2, 3)
    assert reduced(values, np.array([1.0, 0.0]), None, "sum")[0] == 3
    assert reduced(values, np.array([1.0, 0.0]), None, "mean")[0] == 0.5


def test_masked_steps_do_not_dilute_the_mean() -> None:
    values = np.array([[1.0, 5.0], [3.0, 7.0]])
    mask = np.array([[True, False], [True, False]])
    loss, scale = reduced(values, None, mask, "sum_over_batch_size")
    assert loss == 2
    np.testing.assert_array_equal(scale, [[0.5, 0], [0.5, 0]])
    np.testing.assert_array_equal(weighted_values(values, None, mask), [[1, 0], [3, 0]])


def test_a_batch_without_any_kept_value_has_no_loss() -> None:
    loss, scale = reduced(np.ones((2, 2)), None, np.zeros((2, 2), bool), "sum_over_batch_size")
    assert loss == 0 and not scale.any()


@pytest.mark.parametrize(
    ("weights", "mask", "message"),
    [
        (np.ones(3), None, "sample weights (3,) do not fit losses (2,)"),
        (np.ones(1), None, "sample weights (1,) do not fit losses (2,)"),
        (np.ones((2, 4)), None, "sample weights (2, 4) do not fit losses (2,); add a last axis"),
        (None, np.ones((2, 4), bool), "mask (2, 4) do not fit losses (2,); add a last axis"),
    ],
)
def test_wrong_shapes_are_named(weights: Any, mask: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        reduced(np.ones(2), weights, mask, "sum")
