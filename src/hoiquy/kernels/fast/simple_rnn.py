"""SimpleRNN, fast; `hoiquy.kernels.plain.simple_rnn` is its definition."""

from typing import Any, NamedTuple

import numpy as np

from hoiquy.kernels.fast import packing
from hoiquy.kernels.fast.activations import ONE, ZERO, tanh
from hoiquy.kernels.fast.compiler import compiled
from hoiquy.kernels.fast.matmul import (
    add_transposed_product,
    multiply,
    padded,
    transposed_scratch,
)
from hoiquy.kernels.plain.simple_rnn import Activation
from hoiquy.kernels.types import Array, Mask, RecurrentWeights

GATES = 1


class SimpleRnnSaved(NamedTuple):
    x: Array  # (time, batch, inputs)
    hidden: Array  # (time + 1, batch, padded units)
    mask: Mask | None
    activation: Activation


def simple_rnn_forward(
    x: Array, weights: RecurrentWeights, mask: Mask | None = None, activation: Activation = "tanh"
) -> tuple[Array, SimpleRnnSaved]:
    """As `plain.simple_rnn.simple_rnn_forward`, for float32. Raises ShapeError."""
    packing.check_inputs(x, weights, GATES, mask)
    x = np.ascontiguousarray(x)
    time, batch, _ = x.shape
    hidden = np.empty((time + 1, batch, padded(weights.units)), np.float32)
    panels = packing.pack_forward(weights.kernel, weights.recurrent_kernel, GATES)
    bias = np.ascontiguousarray(packing.pad_gates(weights.bias, GATES))
    relu = activation == "relu"
    _forward(x, *panels, bias, packing.mask_bytes(mask), weights.units, relu, hidden)
    return hidden[1:, :, : weights.units], SimpleRnnSaved(x, hidden, mask, activation)


def simple_rnn_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: SimpleRnnSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights]:
    """As `plain.simple_rnn.simple_rnn_backward`, for float32."""
    x, hidden, mask, activation = saved
    units, wide = weights.units, hidden.shape[2]
    packing.check_gradient(d_hidden, weights, GATES, x, hidden)
    d_sequence, d_h = packing.padded_gradient(d_hidden, units)
    panels = packing.pack_backward(weights.kernel, weights.recurrent_kernel, GATES)
    d_x = np.empty((*x.shape[:2], padded(x.shape[2]) if want_d_x else 0), np.float32)
    d_kernel = np.zeros((x.shape[2], wide), np.float32)
    d_recurrent = np.zeros((units, wide), np.float32)
    d_bias = np.zeros(wide, np.float32)
    _backward(
        x, *panels, hidden, packing.mask_bytes(mask), activation == "relu", d_sequence, d_h, d_x,
        d_kernel, d_recurrent, d_bias,
    )  # fmt: skip
    gradients = (packing.unpad_gates(d, GATES, units) for d in (d_kernel, d_recurrent, d_bias))
    return (d_x[:, :, : x.shape[2]] if want_d_x else None), RecurrentWeights(*gradients)


@compiled
def _forward(
    x: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, units: Any, relu: Any, hidden: Any
) -> None:
    time, batch, inputs = x.shape
    wide = hidden.shape[2]
    row = wide * 4
    hidden[0] = ZERO
    steps = max(1, packing.CHUNK_ROWS // batch)
    for begin in range(0, time, steps):
        end = min(begin + steps, time)
        multiply(
            x[begin:].ctypes.data, inputs * 4, (end - begin) * batch, inputs, kernel.ctypes.data,
            wide, bias.ctypes.data, 0, hidden[begin + 1 :].ctypes.data, row,
        )  # fmt: skip
        for t in range(begin, end):
            z = hidden[t + 1].ctypes.data
            multiply(
                hidden[t].ctypes.data, row, batch, units, recurrent.ctypes.data, wide, z, row, z,
                row,
            )  # fmt: skip
            _activate(hidden[t + 1], relu)
            if mask.shape[0] > 0:
                for r in range(batch):
                    if not mask[t, r]:
                        hidden[t + 1, r] = hidden[t, r]


@compiled
def _activate(hidden: Any, relu: Any) -> None:
    batch, units = hidden.shape
    for r in range(batch):
        h = hidden[r]
        if relu:
            for j in range(units):
                h[j] = ZERO if h[j] < ZERO else h[j]
        else:
            for j in range(units):
                h[j] = tanh(h[j])


@compiled
def _backward(
    x: Any, kernel: Any, recurrent: Any, hidden: Any, mask: Any, relu: Any, d_sequence: Any,
    d_h: Any, d_x: Any, d_kernel: Any, d_recurrent: Any, d_bias: Any,
) -> None:  # fmt: skip
    time, batch, inputs = x.shape
    wide = hidden.shape[2]
    steps = max(1, packing.CHUNK_ROWS // batch)
    chunk = np.empty((steps, batch, wide), np.float32)
    carried = np.zeros((batch, wide), np.float32)
    scratch = np.empty(transposed_scratch(steps * batch, max(inputs, wide)), np.float32)
    zeros = np.zeros(d_x.shape[2], np.float32)
    end = time
    while end > 0:
        begin = max(0, end - steps)
        for t in range(end - 1, begin - 1, -1):
            if d_sequence.shape[0] > 0:
                d_h += d_sequence[t]
            d_z = chunk[t - begin]
            _cell_backward(hidden[t + 1], d_h, d_z, carried, relu, mask, t)
            multiply(
                d_z.ctypes.data, wide * 4, batch, wide, recurrent.ctypes.data, wide,
                carried.ctypes.data, wide * 4, d_h.ctypes.data, wide * 4,
            )  # fmt: skip
        rows = (end - begin) * batch
        d_zs = chunk[: end - begin].reshape(rows, wide)
        if d_x.shape[2] > 0:
            multiply(
                d_zs.ctypes.data, wide * 4, rows, wide, kernel.ctypes.data, d_x.shape[2],
                zeros.ctypes.data, 0, d_x[begin:].ctypes.data, d_x.shape[2] * 4,
            )  # fmt: skip
        add_transposed_product(x[begin:end].reshape(rows, inputs), d_zs, d_kernel, scratch)
        add_transposed_product(hidden[begin:end].reshape(rows, wide), d_zs, d_recurrent, scratch)
        for r in range(rows):
            for j in range(wide):
                d_bias[j] += d_zs[r, j]
        end = begin


@compiled
def _cell_backward(
    hidden: Any, d_h: Any, d_z: Any, carried: Any, relu: Any, mask: Any, t: Any
) -> None:
    batch, units = d_h.shape
    for r in range(batch):
        h, dh, dz = hidden[r], d_h[r], d_z[r]
        if mask.shape[0] > 0:
            carried[r] = ZERO
            if not mask[t, r]:
                dz[:] = ZERO
                carried[r] = dh
                continue
        if relu:
            for j in range(units):
                dz[j] = dh[j] if h[j] > ZERO else ZERO
        else:
            for j in range(units):
                dz[j] = dh[j] * (ONE - h[j] * h[j])
