"""GRU (reset after), fast; `hoiquy.kernels.plain.gru` is its definition.

A row of the work array holds four parts: candidate h, update z, reset r, and the candidate's
recurrent part q. The input's product covers the first three and the state's the last three, so
that the parts the two share lie side by side, and so do their gradients. Weights are put into
the orders (h z r) and (z r q) on the way in, and back on the way out.
"""

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

GATES = 3
PARTS = 4


class GruSaved(NamedTuple):
    x: Array  # (time, batch, inputs)
    parts: Array  # (time, batch, 4 * padded units): h z r after activations, q before
    hidden: Array  # (time + 1, batch, padded units)
    mask: Mask | None


def _candidate_first(matrix: Array) -> Array:
    """(..., z r h) → (..., h z r)."""
    return np.roll(matrix, matrix.shape[-1] // GATES, axis=-1)


def _candidate_last(matrix: Array) -> Array:
    """(..., h z r) → (..., z r h)."""
    return np.roll(matrix, -(matrix.shape[-1] // GATES), axis=-1)


def gru_forward(
    x: Array, weights: RecurrentWeights, mask: Mask | None = None
) -> tuple[Array, GruSaved]:
    """As `plain.gru.gru_forward`, for float32. Raises ShapeError."""
    packing.check_inputs(x, weights, GATES, mask)
    x = np.ascontiguousarray(x)
    time, batch, _ = x.shape
    units, wide = weights.units, padded(weights.units)
    parts = np.empty((time, batch, PARTS * wide), np.float32)
    hidden = np.empty((time + 1, batch, wide), np.float32)
    kernel = _candidate_first(weights.kernel)
    panels = packing.pack_forward(kernel, weights.recurrent_kernel, GATES)
    # z and r take both biases at once; only the candidate needs its recurrent bias apart.
    bias = weights.bias[0].copy()
    bias[: 2 * units] += weights.bias[1, : 2 * units]
    bias = np.ascontiguousarray(packing.pad_gates(_candidate_first(bias), GATES))
    inner_bias = np.ascontiguousarray(packing.pad_gates(weights.bias[1, 2 * units :], 1))
    _forward(x, *panels, bias, inner_bias, packing.mask_bytes(mask), units, parts, hidden)
    return hidden[1:, :, :units], GruSaved(x, parts, hidden, mask)


def gru_backward(
    d_hidden: Array, weights: RecurrentWeights, saved: GruSaved, want_d_x: bool = True
) -> tuple[Array | None, RecurrentWeights]:
    """As `plain.gru.gru_backward`, for float32. Overwrites saved.parts: call it once."""
    x, parts, hidden, mask = saved
    units, wide = weights.units, hidden.shape[2]
    packing.check_gradient(d_hidden, weights, GATES, x, hidden)
    d_sequence, d_h = packing.padded_gradient(d_hidden, units)
    kernel = _candidate_first(weights.kernel)
    panels = packing.pack_backward(kernel, weights.recurrent_kernel, GATES)
    d_x = np.empty((*x.shape[:2], padded(x.shape[2]) if want_d_x else 0), np.float32)
    d_kernel = np.zeros((x.shape[2], GATES * wide), np.float32)
    d_recurrent = np.zeros((units, GATES * wide), np.float32)
    d_parts = np.zeros(PARTS * wide, np.float32)
    _backward(
        x, *panels, parts, hidden, packing.mask_bytes(mask), d_sequence, d_h, d_x, d_kernel,
        d_recurrent, d_parts,
    )  # fmt: skip
    d_input_bias = _candidate_last(packing.unpad_gates(d_parts[: GATES * wide], GATES, units))
    d_recurrent_bias = packing.unpad_gates(d_parts[wide:], GATES, units)
    gradients = RecurrentWeights(
        np.ascontiguousarray(_candidate_last(packing.unpad_gates(d_kernel, GATES, units))),
        packing.unpad_gates(d_recurrent, GATES, units),
        np.stack([d_input_bias, d_recurrent_bias]),
    )
    return (d_x[:, :, : x.shape[2]] if want_d_x else None), gradients


@compiled
def _forward(
    x: Any, kernel: Any, recurrent: Any, bias: Any, inner_bias: Any, mask: Any, units: Any,
    parts: Any, hidden: Any,
) -> None:  # fmt: skip
    time, batch, inputs = x.shape
    wide = hidden.shape[2]
    row = parts.shape[2] * 4
    hidden[0] = ZERO
    steps = max(1, packing.CHUNK_ROWS // batch)
    for begin in range(0, time, steps):
        end = min(begin + steps, time)
        multiply(
            x[begin:].ctypes.data, inputs * 4, (end - begin) * batch, inputs, kernel.ctypes.data,
            GATES * wide, bias.ctypes.data, 0, parts[begin:].ctypes.data, row,
        )  # fmt: skip
        for t in range(begin, end):
            for r in range(batch):
                for j in range(wide):
                    parts[t, r, 3 * wide + j] = inner_bias[j]
            z = parts[t].ctypes.data + wide * 4
            multiply(
                hidden[t].ctypes.data, wide * 4, batch, units, recurrent.ctypes.data,
                GATES * wide, z, row, z, row,
            )  # fmt: skip
            _cell_forward(parts[t], hidden[t], hidden[t + 1])
            if mask.shape[0] > 0:
                for r in range(batch):
                    if not mask[t, r]:
                        hidden[t + 1, r] = hidden[t, r]


@compiled
def _cell_forward(parts: Any, hidden_before: Any, hidden: Any) -> None:
    batch, units = hidden.shape
    for r in range(batch):
        p, before, h = parts[r], hidden_before[r], hidden[r]
        # Slices, all indexed from 0: loops over p[units + j] are not turned into vector code.
        candidate, gates, z = p[:units], p[units : 3 * units], p[units : 2 * units]
        reset, q = p[2 * units : 3 * units], p[3 * units :]
        for j in range(gates.size):
            gates[j] = sigmoid(gates[j])
        for j in range(units):
            candidate[j] = tanh(candidate[j] + reset[j] * q[j])
        for j in range(units):
            h[j] = candidate[j] + z[j] * (before[j] - candidate[j])


@compiled
def _backward(
    x: Any, kernel: Any, recurrent: Any, parts: Any, hidden: Any, mask: Any, d_sequence: Any,
    d_h: Any, d_x: Any, d_kernel: Any, d_recurrent: Any, d_bias: Any,
) -> None:  # fmt: skip
    time, batch, inputs = x.shape
    wide = hidden.shape[2]
    columns = parts.shape[2]
    steps = max(1, packing.CHUNK_ROWS // batch)
    carried = np.zeros((batch, wide), np.float32)
    scratch = np.empty(transposed_scratch(steps * batch, max(inputs, wide)), np.float32)
    zeros = np.zeros(d_x.shape[2], np.float32)
    end = time
    while end > 0:
        begin = max(0, end - steps)
        for t in range(end - 1, begin - 1, -1):
            if d_sequence.shape[0] > 0:
                d_h += d_sequence[t]
            _cell_backward(parts[t], hidden[t], d_h, carried, mask, t)
            multiply(
                parts[t].ctypes.data + wide * 4, columns * 4, batch, GATES * wide,
                recurrent.ctypes.data, wide, carried.ctypes.data, wide * 4, d_h.ctypes.data,
                wide * 4,
            )  # fmt: skip
        rows = (end - begin) * batch
        d_parts = parts[begin:end].reshape(rows, columns)
        if d_x.shape[2] > 0:
            multiply(
                d_parts.ctypes.data, columns * 4, rows, GATES * wide, kernel.ctypes.data,
                d_x.shape[2], zeros.ctypes.data, 0, d_x[begin:].ctypes.data, d_x.shape[2] * 4,
            )  # fmt: skip
        from_x, from_h = d_parts[:, : GATES * wide], d_parts[:, wide:]
        add_transposed_product(x[begin:end].reshape(rows, inputs), from_x, d_kernel, scratch)
        add_transposed_product(hidden[begin:end].reshape(rows, wide), from_h, d_recurrent, scratch)
        for r in range(rows):
            for j in range(columns):
                d_bias[j] += d_parts[r, j]
        end = begin


@compiled
def _cell_backward(
    parts: Any, hidden_before: Any, d_h: Any, carried: Any, mask: Any, t: Any
) -> None:
    """Turn the parts into their gradients; carried is what goes past the cell."""
    batch, units = d_h.shape
    for r in range(batch):
        p, before, dh, past = parts[r], hidden_before[r], d_h[r], carried[r]
        if mask.shape[0] > 0 and not mask[t, r]:
            p[:] = ZERO
            past[:] = dh
            continue
        p_h, p_z = p[:units], p[units : 2 * units]
        p_r, p_q = p[2 * units : 3 * units], p[3 * units :]
        for j in range(units):
            h, z, reset, q = p_h[j], p_z[j], p_r[j], p_q[j]
            d_candidate = dh[j] * (ONE - z) * (ONE - h * h)
            p_h[j] = d_candidate
            p_z[j] = dh[j] * (before[j] - h) * z * (ONE - z)
            p_r[j] = d_candidate * q * reset * (ONE - reset)
            p_q[j] = d_candidate * reset
            past[j] = dh[j] * z
