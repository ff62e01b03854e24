"""GRU: `gru_forward` and its backward pass `gru_backward`, in plain NumPy.

Cho et al. 2014, with the reset gate applied after the matrix product; gates z r h. This is Keras'
`reset_after=True`, which has two biases: one for the input, one for the state. The compiled step
is in `nn/kernels/fast/gru.py`.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.activations import sigmoid
from hoiquy.nn.kernels.types import Array, Mask, RecurrentWeights, State


class GruSaved(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (time, batch, inputs)
    gates: Array  # (time, batch, 3 * units): update z, reset r, candidate h, after activations
    inner: Array  # (time, batch, units): the candidate's recurrent part, before the reset
    hidden: Array  # (time + 1, batch, units), the initial state first
    mask: Mask | None


def gru_forward(
    x: Array, weights: RecurrentWeights, mask: Mask | None = None, initial: State | None = None
) -> tuple[Array, GruSaved]:
    """Run a GRU over a batch, first step to last, from a zero state or `initial`.

    x: (time, batch, inputs). mask: (time, batch), False where the state is carried over.
    Returns hidden (time, batch, units) and what `gru_backward` needs.
    """
    time, batch, _ = x.shape
    units = weights.units
    hidden = np.zeros((time + 1, batch, units), x.dtype)
    gates = np.empty((time, batch, 3 * units), x.dtype)
    inner = np.empty((time, batch, units), x.dtype)
    if initial is not None:
        hidden[0] = initial.hidden
    for t in range(time):
        from_x = np.split(x[t] @ weights.kernel + weights.bias[0], 3, axis=1)
        from_h = np.split(hidden[t] @ weights.recurrent_kernel + weights.bias[1], 3, axis=1)
        z = sigmoid(from_x[0] + from_h[0])
        r = sigmoid(from_x[1] + from_h[1])
        inner[t] = from_h[2]
        candidate = np.tanh(from_x[2] + r * inner[t])
        hidden[t + 1] = z * hidden[t] + (1 - z) * candidate
        if mask is not None:
            hidden[t + 1] = np.where(mask[t, :, None], hidden[t + 1], hidden[t])
        gates[t] = np.concatenate([z, r, candidate], axis=1)
    return hidden[1:], GruSaved(x, gates, inner, hidden, mask)


def gru_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: GruSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights, State]:
    """Gradients of `gru_forward`.

    d_hidden: (time, batch, units), or (batch, units) when only the last state was used.
    Returns d_x (time, batch, inputs), None unless wanted, and the gradients of the weights and of
    the initial state.
    """
    x, gates, inner, hidden, mask = saved
    d_x = np.zeros_like(x) if want_d_x else None
    d_kernel, d_recurrent, d_bias = (np.zeros_like(w) for w in weights)
    d_h = np.zeros_like(hidden[0]) if d_hidden.ndim == 3 else d_hidden
    for t in reversed(range(len(x))):
        if d_hidden.ndim == 3:
            d_h = d_h + d_hidden[t]
        z, r, candidate = np.split(gates[t], 3, axis=1)
        d_candidate = d_h * (1 - z) * (1 - candidate * candidate)
        d_z = d_h * (hidden[t] - candidate) * z * (1 - z)
        d_r = d_candidate * inner[t] * r * (1 - r)
        d_from_x = np.concatenate([d_z, d_r, d_candidate], axis=1)
        d_from_h = np.concatenate([d_z, d_r, d_candidate * r], axis=1)
        carried = d_h * z
        if mask is not None:
            d_from_x = np.where(mask[t, :, None], d_from_x, 0)
            d_from_h = np.where(mask[t, :, None], d_from_h, 0)
            carried = np.where(mask[t, :, None], carried, d_h)
        d_kernel += x[t].T @ d_from_x
        d_recurrent += hidden[t].T @ d_from_h
        d_bias[0] += d_from_x.sum(axis=0)
        d_bias[1] += d_from_h.sum(axis=0)
        if d_x is not None:
            d_x[t] = d_from_x @ weights.kernel.T
        d_h = d_from_h @ weights.recurrent_kernel.T + carried
    return d_x, RecurrentWeights(d_kernel, d_recurrent, d_bias), State(d_h)
