"""The loops over time that all cells share, forward and backward, over blocked arrays.

At each step the work array (parts) takes bias + x W, then + h U, then the cell turns these sums
into activations. W covers the first parts and U the last ones: the LSTM's four and four, the
GRU's three and three of four, the SimpleRNN's one and one. Every array over time has as many slots
as its caller wants to keep: all steps for training, two for inference, where step t takes the slot
t modulo the number of slots.
"""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.activations import ZERO
from hoiquy.nn.kernels.fast.compiler import address, compiled
from hoiquy.nn.kernels.fast.gru import gru_cell_backward, gru_cell_forward
from hoiquy.nn.kernels.fast.lstm import lstm_cell_backward, lstm_cell_forward
from hoiquy.nn.kernels.fast.matmul import add_gradient, multiply, multiply_one_row
from hoiquy.nn.kernels.fast.microkernel import BLOCK_BYTES, LANES, copy_scaled, prefetch
from hoiquy.nn.kernels.fast.simple_rnn import simple_rnn_cell_backward, simple_rnn_cell_forward

SIMPLE_RNN_TANH, SIMPLE_RNN_RELU, LSTM, GRU = range(4)
GRADIENT_STEPS = 8  # steps whose weight gradients are added in one go: a depth of 256 for a shard


@compiled
def run_forward(
    cell: Any, x: Any, table: Any, indices: Any, mask: Any, kernel: Any, recurrent: Any, bias: Any,
    inner_bias: Any, parts: Any, hidden: Any, carry: Any,
) -> None:  # fmt: skip
    """Fill parts, hidden and carry, whose slot 0 holds the states to begin with.

    x: (time, blocks, rows, 8); or, if table is not empty, indices: (time, rows), and table holds
    x W + bias of each index: (indices, 8 * blocks of the parts that W covers).
    kernel, recurrent: packed. bias: for the parts that W covers; inner_bias: for the others.
    parts: (slots, blocks, rows, 8). hidden, carry: (slots, blocks, rows, 8); carry is the LSTM's.
    mask: (time, rows), or empty when every step counts.
    """
    time = indices.shape[0] if table.size > 0 else x.shape[0]
    work, units, rows = parts.shape[1], hidden.shape[1], hidden.shape[2]
    outer_parts = bias.size // LANES
    inner_parts = recurrent.size // (LANES * LANES * units)
    block = rows * BLOCK_BYTES
    ones = np.ones(LANES, np.float32)
    for t in range(time):
        z = parts[t % parts.shape[0]]
        before, now = hidden[t % hidden.shape[0]], hidden[(t + 1) % hidden.shape[0]]
        carry_before, carry_now = carry[t % carry.shape[0]], carry[(t + 1) % carry.shape[0]]
        if table.size > 0:
            _gather(table, indices[t], ones, z)
            if t + 1 < time:
                _fetch(table, indices[t + 1])
        else:
            multiply(
                address(x[t]), rows, x.shape[1], address(kernel), outer_parts,
                address(bias), 0, BLOCK_BYTES, address(z),
            )  # fmt: skip
        for b in range(outer_parts, work):
            for r in range(rows):
                for lane in range(LANES):
                    z[b, r, lane] = inner_bias[(b - outer_parts) * LANES + lane]
        inner = address(z[work - inner_parts :])
        if rows == 1:
            multiply_one_row(
                address(before), units, address(recurrent), inner_parts, inner, t % 2 == 1
            )
        else:
            multiply(
                address(before), rows, units, address(recurrent), inner_parts, inner,
                BLOCK_BYTES, block, inner,
            )  # fmt: skip
        flat = z.reshape(-1)
        if cell == LSTM:
            lstm_cell_forward(
                flat, carry_before.reshape(-1), carry_now.reshape(-1), now.reshape(-1)
            )
        elif cell == GRU:
            gru_cell_forward(flat, before.reshape(-1), now.reshape(-1))
        else:
            simple_rnn_cell_forward(flat, cell == SIMPLE_RNN_RELU, now.reshape(-1))
        if mask.size > 0:
            _keep_rows(mask[t], before, now)
            if carry.size > 0:
                _keep_rows(mask[t], carry_before, carry_now)


@compiled
def _gather(table: Any, indices: Any, ones: Any, z: Any) -> None:
    rows, factors = indices.size, address(ones)
    for r in range(rows):
        source = address(table[indices[r]])
        target = address(z) + r * BLOCK_BYTES
        for b in range(table.shape[1] // LANES):
            copy_scaled(source + b * BLOCK_BYTES, factors, target + b * rows * BLOCK_BYTES)


@compiled
def _fetch(table: Any, indices: Any) -> None:
    """Have the next step's rows on their way while this step computes."""
    for r in range(indices.size):
        row = address(table[indices[r]])
        for b in range(0, table.shape[1] // LANES, 2):  # a cache line is two blocks wide
            prefetch(row + b * BLOCK_BYTES)


@compiled
def _keep_rows(mask: Any, source: Any, target: Any) -> None:
    """Copy the rows at which the mask is False."""
    for r in range(mask.size):
        if not mask[r]:
            target[:, r] = source[:, r]


@compiled
def run_backward(
    cell: Any, x: Any, mask: Any, kernel: Any, recurrent: Any, parts: Any, hidden: Any, carry: Any,
    d_hidden: Any, d_h: Any, d_c: Any, d_x: Any, d_kernel: Any, d_recurrent: Any, d_bias: Any,
) -> None:  # fmt: skip
    """Gradients of `run_forward` with all steps kept; parts become the gradients of the sums.

    kernel, recurrent: packed transposes. d_hidden: (time, blocks, rows, 8), or empty. d_h, d_c:
    (blocks, rows, 8), the gradients of the last states, and in the end of the first ones. d_x as x,
    or empty. d_kernel, d_recurrent: (blocks of parts, features, 8) and d_bias: (blocks of parts,
    8), to which the gradients are added. The rows are a multiple of 8.
    """
    time, work, units, rows = x.shape[0], parts.shape[1], hidden.shape[1], hidden.shape[2]
    inner_first = work - d_recurrent.shape[0]
    carried, kept_h, kept_c = np.zeros_like(d_h), np.empty_like(d_h), np.empty_like(d_c)
    zeros = np.zeros(LANES, np.float32)
    end = time
    while end > 0:
        begin = max(0, end - GRADIENT_STEPS)
        for t in range(end - 1, begin - 1, -1):
            if d_hidden.size > 0:
                _add(d_hidden[t].reshape(-1), d_h.reshape(-1))
            if mask.size > 0:
                kept_h[:] = d_h
                kept_c[:] = d_c
            flat = parts[t].reshape(-1)
            if cell == LSTM:
                lstm_cell_backward(
                    flat, carry[t].reshape(-1), carry[t + 1].reshape(-1), d_h.reshape(-1),
                    d_c.reshape(-1),
                )  # fmt: skip
            elif cell == GRU:
                gru_cell_backward(flat, hidden[t].reshape(-1), d_h.reshape(-1), carried.reshape(-1))
            else:
                simple_rnn_cell_backward(
                    flat, cell == SIMPLE_RNN_RELU, hidden[t + 1].reshape(-1), d_h.reshape(-1)
                )
            if mask.size > 0:
                if cell != GRU:
                    carried[:] = ZERO
                _pass_by(mask[t], parts[t], carried, kept_h, d_c, kept_c)
            multiply(
                address(parts[t, inner_first:]), rows, work - inner_first,
                address(recurrent), units, address(carried), BLOCK_BYTES, rows * BLOCK_BYTES,
                address(d_h),
            )  # fmt: skip
            if d_x.size > 0:
                multiply(
                    address(parts[t]), rows, d_kernel.shape[0], address(kernel), d_x.shape[1],
                    address(zeros), 0, 0, address(d_x[t]),
                )  # fmt: skip
            _add_rows(parts[t], d_bias)
        _add_over_steps(x[begin:end], parts[begin:end], d_kernel)
        _add_over_steps(hidden[begin:end], parts[begin:end, inner_first:], d_recurrent)
        end = begin


@compiled
def _add_over_steps(a: Any, b: Any, gradient: Any) -> None:
    """gradient += the sum over steps of aᵀ b."""
    add_gradient(
        address(a), a.strides[0], a.shape[1], address(b), b.strides[0], gradient.shape[0],
        a.shape[2], len(a), address(gradient),
    )  # fmt: skip


@compiled
def _pass_by(mask: Any, parts: Any, carried: Any, kept_h: Any, d_c: Any, kept_c: Any) -> None:
    """Rows at which the mask is False: no gradient for the sums, all of it for the step before."""
    for r in range(mask.size):
        if not mask[r]:
            parts[:, r] = ZERO
            carried[:, r] = kept_h[:, r]
            if d_c.size > 0:
                d_c[:, r] = kept_c[:, r]


@compiled
def _add(source: Any, target: Any) -> None:
    for j in range(source.size):
        target[j] += source[j]


@compiled
def _add_rows(parts: Any, d_bias: Any) -> None:
    for b in range(parts.shape[0]):
        target = d_bias[b]
        block = parts[b]
        for r in range(block.shape[0]):
            for lane in range(LANES):
                target[lane] += block[r, lane]
