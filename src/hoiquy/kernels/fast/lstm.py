"""LSTM, fast; `hoiquy.kernels.plain.lstm` is its definition."""

from typing import Any, NamedTuple

import numpy as np

from hoiquy.kernels.fast import packing
from hoiquy.kernels.fast.activations import ONE, ZERO, sigmoid, tanh
from hoiquy.kernels.fast.compiler import compiled
from hoiquy.kernels.fast.matmul import (
    add_transposed_product,
    multiply,
    padded,
    transposed_scratch,
)
from hoiquy.kernels.types import Array, Mask, RecurrentWeights

GATES = 4


class LstmSaved(NamedTuple):
    x: Array  # (time, batch, inputs)
    gates: Array  # (time, batch, 4 * padded units), after their activations
    hidden: Array  # (time + 1, batch, padded units)
    carry: Array  # (time + 1, batch, padded units)
    mask: Mask | None


def lstm_forward(
    x: Array, weights: RecurrentWeights, mask: Mask | None = None
) -> tuple[Array, LstmSaved]:
    """As `plain.lstm.lstm_forward`, for float32. Raises ShapeError."""
    packing.check_inputs(x, weights, GATES, mask)
    x = np.ascontiguousarray(x)
    time, batch, _ = x.shape
    wide = padded(weights.units)
    gates = np.empty((time, batch, GATES * wide), np.float32)
    hidden = np.empty((time + 1, batch, wide), np.float32)
    carry = np.empty_like(hidden)
    panels = packing.pack_forward(weights.kernel, weights.recurrent_kernel, GATES)
    bias = np.ascontiguousarray(packing.pad_gates(weights.bias, GATES))
    _forward(x, *panels, bias, packing.mask_bytes(mask), weights.units, gates, hidden, carry)
    return hidden[1:, :, : weights.units], LstmSaved(x, gates, hidden, carry, mask)


def lstm_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: LstmSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights]:
    """As `plain.lstm.lstm_backward`, for float32. Overwrites saved.gates: call it once."""
    x, gates, hidden, carry, mask = saved
    units = weights.units
    packing.check_gradient(d_hidden, weights, GATES, x, hidden)
    d_sequence, d_h = packing.padded_gradient(d_hidden, units)
    panels = packing.pack_backward(weights.kernel, weights.recurrent_kernel, GATES)
    d_x = np.empty((*x.shape[:2], padded(x.shape[2]) if want_d_x else 0), np.float32)
    d_kernel = np.zeros((x.shape[2], gates.shape[2]), np.float32)
    d_recurrent = np.zeros((units, gates.shape[2]), np.float32)
    d_bias = np.zeros(gates.shape[2], np.float32)
    _backward(
        x, *panels, gates, hidden, carry, packing.mask_bytes(mask), d_sequence, d_h, d_x,
        d_kernel, d_recurrent, d_bias,
    )  # fmt: skip
    gradients = (packing.unpad_gates(d, GATES, units) for d in (d_kernel, d_recurrent, d_bias))
    return (d_x[:, :, : x.shape[2]] if want_d_x else None), RecurrentWeights(*gradients)


@compiled
def _forward(
    x: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, units: Any, gates: Any, hidden: Any,
    carry: Any,
) -> None:  # fmt: skip
    time, batch, inputs = x.shape
    columns = gates.shape[2]
    row, state_row = columns * 4, hidden.shape[2] * 4
    hidden[0] = ZERO
    carry[0] = ZERO
    steps = max(1, packing.CHUNK_ROWS // batch)
    for begin in range(0, time, steps):
        end = min(begin + steps, time)
        multiply(
            x[begin:].ctypes.data, inputs * 4, (end - begin) * batch, inputs, kernel.ctypes.data,
            columns, bias.ctypes.data, 0, gates[begin:].ctypes.data, row,
        )  # fmt: skip
        for t in range(begin, end):
            z = gates[t].ctypes.data
            multiply(
                hidden[t].ctypes.data, state_row, batch, units, recurrent.ctypes.data, columns, z,
                row, z, row,
            )  # fmt: skip
            _cell_forward(gates[t], carry[t], carry[t + 1], hidden[t + 1])
            if mask.shape[0] > 0:
                for r in range(batch):
                    if not mask[t, r]:
                        carry[t + 1, r] = carry[t, r]
                        hidden[t + 1, r] = hidden[t, r]


@compiled
def _cell_forward(gates: Any, carry_before: Any, carry: Any, hidden: Any) -> None:
    batch, units = hidden.shape
    for r in range(batch):
        z = gates[r]
        # Slices, all indexed from 0: loops over z[units + j] are not turned into vector code.
        both, i, f = z[: 2 * units], z[:units], z[units : 2 * units]
        c, o = z[2 * units : 3 * units], z[3 * units :]
        for j in range(both.size):
            both[j] = sigmoid(both[j])
        for j in range(c.size):
            c[j] = tanh(c[j])
        for j in range(o.size):
            o[j] = sigmoid(o[j])
        before, now, h = carry_before[r], carry[r], hidden[r]
        for j in range(units):
            now[j] = f[j] * before[j] + i[j] * c[j]
        for j in range(units):
            h[j] = o[j] * tanh(now[j])


@compiled
def _backward(
    x: Any, kernel: Any, recurrent: Any, gates: Any, hidden: Any, carry: Any, mask: Any,
    d_sequence: Any, d_h: Any, d_x: Any, d_kernel: Any, d_recurrent: Any, d_bias: Any,
) -> None:  # fmt: skip
    time, batch, inputs = x.shape
    wide = hidden.shape[2]
    columns = gates.shape[2]
    steps = max(1, packing.CHUNK_ROWS // batch)
    d_c = np.zeros((batch, wide), np.float32)
    carried = np.zeros((batch, wide), np.float32)
    scratch = np.empty(transposed_scratch(steps * batch, max(inputs, wide)), np.float32)
    zeros = np.zeros(d_x.shape[2], np.float32)
    end = time
    while end > 0:
        begin = max(0, end - steps)
        for t in range(end - 1, begin - 1, -1):
            if d_sequence.shape[0] > 0:
                d_h += d_sequence[t]
            _cell_backward(gates[t], carry[t], carry[t + 1], d_h, d_c, carried, mask, t)
            multiply(
                gates[t].ctypes.data, columns * 4, batch, columns, recurrent.ctypes.data, wide,
                carried.ctypes.data, wide * 4, d_h.ctypes.data, wide * 4,
            )  # fmt: skip
        rows = (end - begin) * batch
        d_z = gates[begin:end].reshape(rows, columns)
        if d_x.shape[2] > 0:
            multiply(
                d_z.ctypes.data, columns * 4, rows, columns, kernel.ctypes.data, d_x.shape[2],
                zeros.ctypes.data, 0, d_x[begin:].ctypes.data, d_x.shape[2] * 4,
            )  # fmt: skip
        add_transposed_product(x[begin:end].reshape(rows, inputs), d_z, d_kernel, scratch)
        add_transposed_product(hidden[begin:end].reshape(rows, wide), d_z, d_recurrent, scratch)
        for r in range(rows):
            for j in range(columns):
                d_bias[j] += d_z[r, j]
        end = begin


@compiled
def _cell_backward(
    gates: Any, carry_before: Any, carry: Any, d_h: Any, d_c: Any, carried: Any, mask: Any, t: Any
) -> None:
    """Turn the gates into their gradients, d_c into the step before; carried goes past the cell."""
    batch, units = d_h.shape
    for r in range(batch):
        z, dh, dc = gates[r], d_h[r], d_c[r]
        if mask.shape[0] > 0:
            carried[r] = ZERO
            if not mask[t, r]:
                z[:] = ZERO
                carried[r] = dh
                continue
        now, before = carry[r], carry_before[r]
        z_i, z_f = z[:units], z[units : 2 * units]
        z_c, z_o = z[2 * units : 3 * units], z[3 * units :]
        for j in range(units):
            i, f, c, o = z_i[j], z_f[j], z_c[j], z_o[j]
            tanh_carry = tanh(now[j])
            d_carry = dc[j] + dh[j] * o * (ONE - tanh_carry * tanh_carry)
            z_i[j] = d_carry * c * i * (ONE - i)
            z_f[j] = d_carry * before[j] * f * (ONE - f)
            z_c[j] = d_carry * i * (ONE - c * c)
            z_o[j] = dh[j] * tanh_carry * o * (ONE - o)
            dc[j] = d_carry * f
