"""Pooling over the whole time: against a loop over rows, features and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.nn.layers import ConcatPooling, Context, MaxPooling


@st.composite
def sequences(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray | None]:
    """x (batch, time, features) of few values, so that maxima repeat, and a mask."""
    batch, time, features = (draw(st.integers(1, limit)) for limit in (4, 6, 4))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    x = rng.integers(-3, 3, (batch, time, features)).astype(np.float64)
    if draw(st.booleans()):
        x = np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)  # time first in memory
    kind = draw(st.sampled_from(["none", "all", "left", "right", "any"]))
    lengths = rng.integers(0, time + 1, (batch, 1))
    steps = np.arange(time)
    mask = {
        "none": None,
        "all": np.ones((batch, time), bool),
        "left": steps >= time - lengths,
        "right": steps < lengths,
        "any": rng.random((batch, time)) < 0.5,
    }[kind]
    return x, mask


def counted(x: np.ndarray, mask: np.ndarray | None, row: int) -> list[int]:
    return [t for t in range(x.shape[1]) if mask is None or mask[row, t]]


@pytest.mark.parametrize("keepdims", [False, True])
@given(sequence=sequences())
def test_the_first_counted_maximum_gets_the_gradient(
    keepdims: bool, sequence: tuple[np.ndarray, np.ndarray | None]
) -> None:
    x, mask = sequence
    before, (batch, _, features) = x.copy(), x.shape
    call = MaxPooling("pool", keepdims=keepdims).call([x], [mask], Context())
    d_y = 1.0 + np.arange(batch * features).reshape(batch, features)
    (d_x,), _ = call.backward([d_y[:, None] if keepdims else d_y])
    expected, gradient = np.zeros((batch, features)), np.zeros(x.shape)
    for row in range(batch):
        for feature in range(features):
            steps = counted(x, mask, row)
            if steps:
                best = max(steps, key=lambda t: x[row, t, feature])
                expected[row, feature] = x[row, best, feature]
                gradient[row, best, feature] = d_y[row, feature]
    (y,) = call.outputs
    np.testing.assert_array_equal(y[:, 0] if keepdims else y, expected)
    np.testing.assert_array_equal(d_x, gradient)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("keepdims", [False, True])
@given(sequence=sequences(), backward=st.integers(0, 4))
def test_concat_pooling_joins_last_state_maximum_and_mean(
    keepdims: bool, sequence: tuple[np.ndarray, np.ndarray | None], backward: int
) -> None:
    x, mask = sequence
    batch, _, features = x.shape
    backward = min(backward, features)
    layer = ConcatPooling("pool", keepdims=keepdims, backward_features=backward)
    call = layer.call([x], [mask], Context())
    d_y = 1.0 + np.arange(batch * 3 * features).reshape(batch, 3 * features)
    (d_x,), _ = call.backward([d_y[:, None] if keepdims else d_y])
    expected, gradient = np.zeros((batch, 3 * features)), np.zeros(x.shape)
    for row in range(batch):
        steps = counted(x, mask, row)
        for feature in range(features if steps else 0):
            last, largest, mean = (d_y[row, part * features + feature] for part in range(3))
            end = steps[0] if feature >= features - backward else steps[-1]
            best = max(steps, key=lambda t: x[row, t, feature])
            all_steps = [x[row, t, feature] for t in steps]
            values = x[row, end, feature], x[row, best, feature], np.mean(all_steps)
            expected[row, feature::features] = values
            gradient[row, end, feature] += last
            gradient[row, best, feature] += largest
            for t in steps:
                gradient[row, t, feature] += mean / len(steps)
    (y,) = call.outputs
    np.testing.assert_allclose(y[:, 0] if keepdims else y, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(d_x, gradient, rtol=1e-12)
