"""The fast kernels with every activation they have, against the plain ones in float64."""

from typing import Any

import numpy as np
import pytest
from cells import Array, pair, random_mask, random_state, random_weights, run
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.nn.activations import ACTIVATIONS, activation_of
from hoiquy.nn.kernels import FAST_ACTIVATIONS, RecurrentWeights
from hoiquy.nn.kernels.fast.recurrent import recurrent
from hoiquy.nn.kernels.types import State

CELLS = ["simple_rnn", "lstm", "gru", "gru_reset_before"]
# Those of gates, which stay bounded when they are used step after step.
OF_GATES = ["sigmoid", "tanh", "hard_sigmoid", "softsign", "relu6", "hard_tanh"]
CORNERS = {"relu", "relu6", "leaky_relu", "hard_sigmoid", "hard_tanh"}


def of_one_step(name: str, x: Array) -> tuple[Array, Array]:
    """An activation and its gradient by the fast kernels, from a SimpleRNN of one unit."""
    kernel, one = recurrent("simple_rnn", name), np.ones((1, 1), np.float32)
    weights = RecurrentWeights(one, one, np.zeros(1, np.float32))
    y, saved = kernel.forward(x[None, :, None], weights)
    d_x, _, _ = kernel.backward(np.ones_like(y), weights, saved)
    assert d_x is not None
    return y.ravel(), d_x.ravel()


@pytest.mark.parametrize("name", FAST_ACTIVATIONS)
def test_activations_and_their_gradients(name: str) -> None:
    """Over the whole range of float32, and with tails of vectors; corners are left out."""
    rng = np.random.default_rng(1)
    small = np.concatenate([rng.normal(0, s, 700) for s in (1e-30, 1e-3, 1, 8)])
    x = np.concatenate([small, [0.0, -0.0, 80, -80, 1e4, -1e4, 1e30, -1e30]]).astype(np.float32)
    if name in CORNERS:
        x = x[np.abs(np.abs(x[:, None]) - [0, 1, 3, 6]).min(axis=1) > 1e-6]
    y, d_x = of_one_step(name, x)
    activation, exact = activation_of(name), x.astype(np.float64)
    with np.errstate(over="ignore"):
        expected = activation.function(exact)
        slope = activation.gradient(np.ones_like(exact), exact, expected)
    np.testing.assert_allclose(y, expected, rtol=3e-7, atol=1e-37)
    # A gradient follows from y, which is rounded: near 1 and -1 that is what is left of it.
    np.testing.assert_allclose(d_x, slope, rtol=5e-7, atol=1.3e-7)


@pytest.mark.parametrize("name", FAST_ACTIVATIONS)
def test_nan_and_infinity(name: str) -> None:
    x = np.array([np.nan, -np.nan, 1.0, np.inf, -np.inf], np.float32)
    y, _ = of_one_step(name, x)
    np.testing.assert_array_equal(np.isnan(y), [True, True, False, *np.isnan(y[3:])])
    if name != "softsign":  # inf / inf, as in Keras
        expected = activation_of(name).function(x[3:])
        np.testing.assert_allclose(y[3:], expected, rtol=1e-6, atol=1e-37)


def test_at_its_corner_leaky_relu_has_one_of_its_slopes() -> None:
    """Where gates are 0, so are the sums."""
    zero = np.zeros(3, np.float32)
    _, d_x = of_one_step("leaky_relu", zero)
    plain = activation_of("leaky_relu")
    for slopes in (d_x, plain.gradient(np.ones_like(zero), zero, zero)):
        np.testing.assert_array_equal(slopes, np.float32(0.2))


def test_names_are_those_of_keras() -> None:
    assert set(FAST_ACTIVATIONS) < ACTIVATIONS.keys()


@pytest.mark.parametrize("cell_name", CELLS)
@given(
    seed=st.integers(0, 2**32 - 1), time=st.integers(1, 9), batch=st.sampled_from([1, 5, 8, 17]),
    units=st.sampled_from([1, 7, 8, 17]), name=st.sampled_from(FAST_ACTIVATIONS),
    of_gates=st.sampled_from(OF_GATES), mask_kind=st.sampled_from(["none", "left", "holes"]),
    sequence=st.booleans(), begins=st.booleans(), drops=st.booleans(), ends=st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_cells_with_other_activations(
    cell_name: str, seed: int, time: int, batch: int, units: int, name: str, of_gates: str,
    mask_kind: str, sequence: bool, begins: bool, drops: bool, ends: bool,
) -> None:  # fmt: skip
    """As far from float64 as the plain kernels in float32 are, but for a few roundings."""
    cell, rng = pair(cell_name, name, of_gates), np.random.default_rng(seed)
    weights = random_weights(cell, 3, units, rng)
    weights = RecurrentWeights(*(array * np.float32(0.5) for array in weights))
    x = rng.standard_normal((time, batch, 3)).astype(np.float32)
    mask = random_mask(mask_kind, time, batch, rng)
    shape = (time, batch, units) if sequence else (batch, units)
    d_hidden = rng.standard_normal(shape).astype(np.float32)
    rest: dict[str, Any] = {
        "initial": random_state(cell, batch, units, rng) if begins else None,
        "d_last": random_state(cell, batch, units, rng) if ends else None,
    }
    if drops:
        factors = rng.choice([0, 1.5], (cell.gates, batch, units)).astype(np.float32)
        rest["state_factors"] = factors
    exact = (array.astype(np.float64) for array in weights)
    single = run(cell, "plain", x, weights, mask, d_hidden, **rest)
    double = run(
        cell, "plain", x.astype(np.float64), RecurrentWeights(*exact), mask,
        d_hidden.astype(np.float64), **rest,
    )  # fmt: skip
    fast = run(cell, "fast", x, weights, mask, d_hidden, **rest)
    for field, ours, plain, reference in zip(fast._fields, fast, single, double, strict=True):
        for one, other, truth in zip(_flat(ours), _flat(plain), _flat(reference), strict=True):
            scale = max(1.0, float(np.abs(truth).max()))
            least = np.abs(other - truth).max() / scale
            assert np.abs(one - truth).max() / scale <= 1e-5 + 10 * least, field


def _flat(part: Any) -> list[Array]:
    arrays = list(part) if isinstance(part, State | RecurrentWeights) else [part]
    return [array for array in arrays if array is not None]
