"""Pooling over the whole time: against a loop over rows, features and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.nn.layers import Context, MaxPooling


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
