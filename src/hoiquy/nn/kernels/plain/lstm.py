"""LSTM: `lstm_forward` and its backward pass `lstm_backward`, in plain NumPy.

Hochreiter and Schmidhuber 1997, with the forget gate of Gers 2000; gates i f c o. The compiled
step is in `nn/kernels/fast/lstm.py`.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.activations import sigmoid
from hoiquy.nn.kernels.types import Array, Mask, RecurrentWeights, State


class LstmSaved(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (time, batch, inputs)
    gates: Array  # (time, batch, 4 * units), after their activations
    hidden: Array  # (time + 1, batch, units), the initial state first
    carry: Array  # (time + 1, batch, units), the cell state c
    mask: Mask | None


def lstm_forward(
    x: Array, weights: RecurrentWeights, mask: Mask | None = None, initial: State | None = None
) -> tuple[Array, LstmSaved]:
    """Run an LSTM over a batch, first step to last, from a zero state or `initial`.

    x: (time, batch, inputs). mask: (time, batch), False where both states are carried over.
    Returns hidden (time, batch, units) and what `lstm_backward` needs.
    """
    time, batch, _ = x.shape
    units = weights.units
    hidden = np.zeros((time + 1, batch, units), x.dtype)
    carry = np.zeros_like(hidden)
    gates = np.empty((time, batch, 4 * units), x.dtype)
    if initial is not None:
        hidden[0], carry[0] = initial
    for t in range(time):
        z = x[t] @ weights.kernel + hidden[t] @ weights.recurrent_kernel + weights.bias
        i, f, c, o = np.split(z, 4, axis=1)
        i, f, c, o = sigmoid(i), sigmoid(f), np.tanh(c), sigmoid(o)
        carry[t + 1] = f * carry[t] + i * c
        hidden[t + 1] = o * np.tanh(carry[t + 1])
        if mask is not None:
            carry[t + 1] = np.where(mask[t, :, None], carry[t + 1], carry[t])
            hidden[t + 1] = np.where(mask[t, :, None], hidden[t + 1], hidden[t])
        gates[t] = np.concatenate([i, f, c, o], axis=1)
    return hidden[1:], LstmSaved(x, gates, hidden, carry, mask)


def lstm_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: LstmSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights, State]:
    """Gradients of `lstm_forward`.

    d_hidden: (time, batch, units), or (batch, units) when only the last state was used.
    Returns d_x (time, batch, inputs), None unless wanted, and the gradients of the weights and of
    the initial states.
    """
    x, gates, hidden, carry, mask = saved
    d_x = np.zeros_like(x) if want_d_x else None
    d_kernel, d_recurrent, d_bias = (np.zeros_like(w) for w in weights)
    d_h = np.zeros_like(hidden[0]) if d_hidden.ndim == 3 else d_hidden
    d_c = np.zeros_like(hidden[0])
    for t in reversed(range(len(x))):
        if d_hidden.ndim == 3:
            d_h = d_h + d_hidden[t]
        i, f, c, o = np.split(gates[t], 4, axis=1)
        tanh_carry = np.tanh(carry[t + 1])
        d_carry = d_c + d_h * o * (1 - tanh_carry * tanh_carry)
        d_i = d_carry * c * i * (1 - i)
        d_f = d_carry * carry[t] * f * (1 - f)
        d_g = d_carry * i * (1 - c * c)
        d_o = d_h * tanh_carry * o * (1 - o)
        d_z = np.concatenate([d_i, d_f, d_g, d_o], axis=1)
        carried = np.zeros_like(d_h)
        d_carry_before = d_carry * f
        if mask is not None:
            d_z = np.where(mask[t, :, None], d_z, 0)
            carried = np.where(mask[t, :, None], carried, d_h)
            d_carry_before = np.where(mask[t, :, None], d_carry_before, d_c)
        d_kernel += x[t].T @ d_z
        d_recurrent += hidden[t].T @ d_z
        d_bias += d_z.sum(axis=0)
        if d_x is not None:
            d_x[t] = d_z @ weights.kernel.T
        d_h = d_z @ weights.recurrent_kernel.T + carried
        d_c = d_carry_before
    return d_x, RecurrentWeights(d_kernel, d_recurrent, d_bias), State(d_h, d_c)
