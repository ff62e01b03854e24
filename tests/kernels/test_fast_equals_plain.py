"""The fast kernels against the plain ones in float64, over any sizes, masks and magnitudes."""

from typing import Any

import numpy as np
import pytest
from cells import CELLS, Array, random_mask, random_weights, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hoiquy.kernels import RecurrentWeights
from hoiquy.kernels.fast import adam as fast_adam
from hoiquy.kernels.fast import embedding as fast_embedding
from hoiquy.kernels.plain import adam, embedding

# float32 rounds at 6e-8. A sum of products of size s is off by some 6e-8 * s, and what comes out
# of a whole sequence by a few dozen times that.
TOLERANCE = 4e-6

seeds = st.integers(0, 2**32 - 1)
# 1, not multiples of 8, exact vectors (8), exact panels (16), and one more than each.
sizes = st.sampled_from([1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 24, 33])
every_cell = pytest.mark.parametrize("name", CELLS)


def in_float64(weights: RecurrentWeights) -> RecurrentWeights:
    return RecurrentWeights(*(array.astype(np.float64) for array in weights))


def assert_close(fast: Array, reference: Array, scale: float, what: str) -> None:
    assert fast.dtype == np.float32 and fast.shape == reference.shape, what
    if reference.size:
        error = np.abs(fast - reference).max() / (scale * max(1.0, np.abs(reference).max()))
        assert error < TOLERANCE, f"{what}: off by {error}"


@every_cell
@given(
    seed=seeds, time=st.integers(0, 9), batch=sizes, inputs=sizes, units=sizes,
    mask_kind=st.sampled_from(["none", "left", "right", "holes"]),
    scale=st.sampled_from([0.01, 1.0, 20.0]), sequence=st.booleans(), want_d_x=st.booleans(),
)  # fmt: skip
# More rows than one product over several steps takes, and depths beyond one block of the matrix
# product (400), forward through the inputs and backward through the gates.
@example(1, 11, 33, 3, 5, "holes", 1.0, True, True)
@example(2, 3, 150, 3, 5, "left", 1.0, True, True)
@example(3, 4, 3, 417, 17, "none", 1.0, False, True)
@example(4, 3, 3, 9, 405, "none", 1.0, True, True)
@settings(max_examples=60, deadline=None)
def test_cells(
    name: str, seed: int, time: int, batch: int, inputs: int, units: int, mask_kind: str,
    scale: float, sequence: bool, want_d_x: bool,
) -> None:  # fmt: skip
    cell, rng = CELLS[name], np.random.default_rng(seed)
    weights = random_weights(cell.gates, inputs, units, rng)
    x = (scale * rng.standard_normal((time, batch, inputs))).astype(np.float32)
    mask = random_mask(mask_kind, time, batch, rng)
    d_shape = (time, batch, units) if sequence else (batch, units)
    d_hidden = rng.standard_normal(d_shape).astype(np.float32)
    arrays = [x, d_hidden, *weights, *([] if mask is None else [mask])]
    before = [array.copy() for array in arrays]

    fast = run(cell, "fast", x, weights, mask, d_hidden, want_d_x)

    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)  # inputs unmodified
    plain = run(
        cell, "plain", x.astype(np.float64), in_float64(weights), mask,
        d_hidden.astype(np.float64), want_d_x,
    )  # fmt: skip
    magnitude = max(1.0, 4 * scale)
    assert_close(fast.hidden, plain.hidden, magnitude, "hidden")
    assert (fast.d_x is None) == (plain.d_x is None) == (not want_d_x)
    if fast.d_x is not None and plain.d_x is not None:
        assert_close(fast.d_x, plain.d_x, magnitude, "d_x")
    for field in RecurrentWeights._fields:
        told, reference = getattr(fast.d_weights, field), getattr(plain.d_weights, field)
        assert_close(told, reference, magnitude**2, f"d_{field}")
