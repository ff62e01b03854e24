"""Activations and gradients where tanh and sigmoid are nearly constant, against float64."""

import numpy as np
import pytest
from cells import Array

from hoiquy.nn.kernels import RecurrentWeights, State
from hoiquy.nn.kernels.fast.recurrent import recurrent

RNN, LSTM = recurrent("simple_rnn", "tanh"), recurrent("lstm", "tanh")
HALF_UNIT = 2.0**-25  # how far a number between 0.5 and 1 is from its nearest float32, at most


def weights(gates: int, of_input: int) -> RecurrentWeights:
    """One unit whose gate `of_input` is the input; the sums of the others are 0."""
    kernel, recurrent = np.zeros((2, 1, gates), np.float32)
    kernel[0, of_input] = 1
    return RecurrentWeights(kernel, recurrent, np.zeros(gates, np.float32))


def saturated(sign: int) -> tuple[Array, Array]:
    """Sums as (1, batch, 1), and flat in float64."""
    x = np.linspace(3 * sign, 9 * sign, 4001, dtype=np.float32)
    return x[None, :, None], x.astype(np.float64)


@pytest.mark.parametrize("sign", [1, -1])
def test_tanh_is_rounded_once(sign: int) -> None:
    """So its gradient is off by the two roundings of 1 - y² alone; Keras' is off by 5e-7."""
    x, exact = saturated(sign)
    ours = weights(1, 0)
    y, saved = RNN.forward(x, ours)
    d_x, _, _ = RNN.backward(np.ones_like(y), ours, saved)
    assert np.abs(y.ravel() - np.tanh(exact)).max() < 1.05 * HALF_UNIT
    assert np.abs(d_x.ravel() - 1 / np.cosh(exact) ** 2).max() < 2.1 * HALF_UNIT


@pytest.mark.parametrize("sign", [1, -1])
def test_sigmoid_is_rounded_once_near_1_and_relative_near_0(sign: int) -> None:
    """Through an LSTM's forget gate, whose carry is 1 before the step."""
    x, exact = saturated(sign)
    ours, zeros, ones = weights(4, 1), np.zeros((x.size, 1), "f4"), np.ones((x.size, 1), "f4")
    _, saved = LSTM.forward(x, ours, initial=State(zeros, ones))
    carry = LSTM.last_states(saved).carry
    d_x, _, _ = LSTM.backward(zeros[None], ours, saved, d_last=State(zeros, ones))
    assert carry is not None
    small = np.exp(-np.abs(exact))
    slope = small / (1 + small) ** 2
    y = 1 / (1 + np.exp(-exact))
    if sign > 0:
        assert np.abs(carry.ravel() - y).max() < 1.2 * HALF_UNIT
        assert np.abs(d_x.ravel() - slope).max() < 1.2 * HALF_UNIT
    else:
        assert (np.abs(carry.ravel() - y) / y).max() < 2.5e-7
        assert (np.abs(d_x.ravel() - slope) / slope).max() < 3e-7
