"""SimpleRNN: `simple_rnn_forward` and its backward pass `simple_rnn_backward`, in plain NumPy.

h_t = activation(x_t W + h_{t-1} U + b) (Elman 1990; Keras' SimpleRNN). The compiled step is in
`nn/kernels/fast/simple_rnn.py`.
"""

from typing import Literal, NamedTuple

import numpy as np

from hoiquy.nn.kernels.types import Array, Mask, RecurrentWeights, State

Activation = Literal["relu", "tanh"]


class SimpleRnnSaved(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (time, batch, inputs)
    hidden: Array  # (time + 1, batch, units), the initial state first
    mask: Mask | None
    activation: Activation


def simple_rnn_forward(
    activation: Activation, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
    initial: State | None = None,
) -> tuple[Array, SimpleRnnSaved]:  # fmt: skip
    """Run a SimpleRNN over a batch, first step to last, from a zero state or `initial`.

    x: (time, batch, inputs). mask: (time, batch), False where the state is carried over.
    Returns hidden (time, batch, units) and what `simple_rnn_backward` needs.
    """
    time, batch, _ = x.shape
    hidden = np.zeros((time + 1, batch, weights.units), x.dtype)
    if initial is not None:
        hidden[0] = initial.hidden
    for t in range(time):
        z = x[t] @ weights.kernel + hidden[t] @ weights.recurrent_kernel + weights.bias
        hidden[t + 1] = np.maximum(z, 0) if activation == "relu" else np.tanh(z)
        if mask is not None:
            hidden[t + 1] = np.where(mask[t, :, None], hidden[t + 1], hidden[t])
    return hidden[1:], SimpleRnnSaved(x, hidden, mask, activation)


def simple_rnn_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: SimpleRnnSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights, State]:
    """Gradients of `simple_rnn_forward`.

    d_hidden: (time, batch, units), or (batch, units) when only the last state was used.
    Returns d_x (time, batch, inputs), None unless wanted, and the gradients of the weights and of
    the initial state.
    """
    x, hidden, mask, activation = saved
    d_x = np.zeros_like(x) if want_d_x else None
    d_kernel, d_recurrent, d_bias = (np.zeros_like(w) for w in weights)
    d_h = np.zeros_like(hidden[0]) if d_hidden.ndim == 3 else d_hidden
    for t in reversed(range(len(x))):
        if d_hidden.ndim == 3:
            d_h = d_h + d_hidden[t]
        h = hidden[t + 1]
        d_z = d_h * (h > 0) if activation == "relu" else d_h * (1 - h * h)
        carried = np.zeros_like(d_h)
        if mask is not None:
            d_z = np.where(mask[t, :, None], d_z, 0)
            carried = np.where(mask[t, :, None], carried, d_h)
        d_kernel += x[t].T @ d_z
        d_recurrent += hidden[t].T @ d_z
        d_bias += d_z.sum(axis=0)
        if d_x is not None:
            d_x[t] = d_z @ weights.kernel.T
        d_h = d_z @ weights.recurrent_kernel.T + carried
    return d_x, RecurrentWeights(d_kernel, d_recurrent, d_bias), State(d_h)
