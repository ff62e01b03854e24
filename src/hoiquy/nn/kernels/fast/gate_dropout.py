"""The loops over time for cells whose gates drop other inputs and states: recurrent dropout.

As `sequence.py`, with every product split by gate: the input x or the state h is multiplied by the
gate's factors, then by its part of W or U. Gates are in the order of the parts that W or U covers.
"""

from typing import Any, NamedTuple

import numpy as np

from hoiquy.nn.kernels.fast.activations import ZERO
from hoiquy.nn.kernels.fast.blocking import block, in_rows, no_factors
from hoiquy.nn.kernels.fast.compiler import address, compiled
from hoiquy.nn.kernels.fast.gru import gru_cell_forward
from hoiquy.nn.kernels.fast.lanes import LANES
from hoiquy.nn.kernels.fast.lstm import lstm_cell_forward
from hoiquy.nn.kernels.fast.matmul import multiply, padded
from hoiquy.nn.kernels.fast.microkernel import BLOCK_BYTES
from hoiquy.nn.kernels.fast.packing import GRU_GATES, Packed, PackedTransposes
from hoiquy.nn.kernels.fast.sequence import (
    GRADIENT_STEPS,
    GRU,
    LSTM,
    SIMPLE_RNN_RELU,
    Activations,
    Inputs,
    LayerGradients,
    StateGradients,
    add_over_steps,
    add_rows,
    add_to,
    copy_masked_rows,
    step_backward,
)
from hoiquy.nn.kernels.fast.simple_rnn import simple_rnn_cell_forward
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


class GateFactors(NamedTuple):
    """Factors of each gate, blocked."""

    inputs: Array  # (gates, input blocks, rows, 8)
    state: Array  # (gates, unit blocks, rows, 8)


def gate_factors(
    inputs: Array | None, state: Array | None, gates: int, sizes: tuple[int, int, int]
) -> GateFactors:
    """Block factors of inputs, (batch, inputs) or (gates, batch, inputs), and of the state.

    sizes: batch, inputs, units.
    """
    batch, n_inputs, units = sizes
    by_gate = []
    for factors, features in ((inputs, n_inputs), (state, units)):
        factors = no_factors(batch, features) if factors is None else factors
        by_gate.append(np.broadcast_to(factors, (gates, batch, features)))
    if gates == GRU_GATES:
        by_gate[0] = np.roll(by_gate[0], 1, axis=0)  # z r h → h z r, as the parts are
    return GateFactors(*(_blocked(factors, padded(batch)) for factors in by_gate))


def _blocked(factors: Array, rows: int) -> Array:
    gates, batch, features = factors.shape
    out = work_array(gates, padded(features) // LANES, rows, LANES)
    block(in_rows(factors), no_factors(batch, features), out)
    return out


@compiled
def run_forward(
    cell: int, inputs: Inputs, factors: GateFactors, weights: Packed, activations: Activations
) -> None:
    """As `sequence.run_forward` with x given; the weights are packed gate by gate."""
    parts, hidden, carry = activations.parts, activations.hidden, activations.carry
    x, mask = inputs.x, inputs.mask
    outer, inner_first = weights.bias.size // LANES, parts.shape[1] - _covered(factors, hidden)
    dropped_x, dropped_h = np.empty_like(x[0]), np.empty_like(hidden[0])
    for t in range(x.shape[0]):
        sums, before, now = parts[t], hidden[t], hidden[t + 1]
        _set_bias(weights.bias, weights.inner_bias, sums)
        _add_products(x[t], factors.inputs, weights.kernel, dropped_x, sums[:outer])
        _add_products(before, factors.state, weights.recurrent, dropped_h, sums[inner_first:])
        flat = sums.reshape(-1)
        if cell == LSTM:
            lstm_cell_forward(flat, carry[t].reshape(-1), carry[t + 1].reshape(-1), now.reshape(-1))
        elif cell == GRU:
            gru_cell_forward(flat, before.reshape(-1), now.reshape(-1))
        else:
            simple_rnn_cell_forward(flat, cell == SIMPLE_RNN_RELU, now.reshape(-1))
        if mask.size > 0:
            copy_masked_rows(mask[t], before, now)
            if carry.size > 0:
                copy_masked_rows(mask[t], carry[t], carry[t + 1])


@compiled
def _covered(factors: Any, hidden: Any) -> Any:
    """How many blocks of the parts U covers."""
    return factors.state.shape[0] * hidden.shape[1]


@compiled
def _set_bias(bias: Any, inner_bias: Any, sums: Any) -> None:
    outer = bias.size // LANES
    for b in range(sums.shape[0]):
        source = bias[b * LANES :] if b < outer else inner_bias[(b - outer) * LANES :]
        for r in range(sums.shape[1]):
            for lane in range(LANES):
                sums[b, r, lane] = source[lane]


@compiled
def _add_products(a: Any, factors: Any, matrices: Any, dropped: Any, products: Any) -> None:
    """Add the product of (a times the gate's factors) with its matrix to each gate's part."""
    gates, rows = factors.shape[0], a.shape[1]
    columns, size = products.shape[0] // gates, matrices.size // gates
    for g in range(gates):
        _scale(a.reshape(-1), factors[g].reshape(-1), dropped.reshape(-1))
        place = address(products[g * columns :])
        multiply(
            address(dropped), rows, a.shape[0], address(matrices[g * size :]), columns, place,
            BLOCK_BYTES, rows * BLOCK_BYTES, place,
        )  # fmt: skip


@compiled
def run_backward(
    cell: int, inputs: Inputs, factors: GateFactors, weights: PackedTransposes,
    activations: Activations, d_states: StateGradients, gradients: LayerGradients,
) -> None:  # fmt: skip
    """As `sequence.run_backward`; the weights are packed gate by gate."""
    x, parts, hidden = inputs.x, activations.parts, activations.hidden
    d_h, d_x = d_states.d_h, gradients.d_x
    outer, inner_first = gradients.d_kernel.shape[0], parts.shape[1] - _covered(factors, hidden)
    carried, d_c_before = np.zeros_like(d_h), np.empty_like(d_states.d_c)
    d_dropped_h, d_dropped_x = np.empty_like(d_h), np.empty_like(x[0])
    dropped_x, dropped_h = np.empty_like(x[:GRADIENT_STEPS]), np.empty_like(hidden[:GRADIENT_STEPS])
    end = x.shape[0]
    while end > 0:
        begin = max(0, end - GRADIENT_STEPS)
        for t in range(end - 1, begin - 1, -1):
            if d_states.d_hidden.size > 0:
                add_to(d_states.d_hidden[t].reshape(-1), d_h.reshape(-1))
            step_backward(cell, t, inputs.mask, activations, d_states, carried, d_c_before)
            d_h[:] = carried
            _add_d_operand(
                parts[t, inner_first:], factors.state, weights.recurrent, d_dropped_h, d_h
            )
            if d_x.size > 0:
                d_x[t] = ZERO
                _add_d_operand(
                    parts[t, :outer], factors.inputs, weights.kernel, d_dropped_x, d_x[t]
                )
            add_rows(parts[t], gradients.d_bias)
        _add_d_matrices(
            x[begin:end], factors.inputs, parts[begin:end], 0, dropped_x, gradients.d_kernel
        )
        _add_d_matrices(
            hidden[begin:end], factors.state, parts[begin:end], inner_first, dropped_h,
            gradients.d_recurrent,
        )  # fmt: skip
        end = begin


@compiled
def _add_d_operand(
    d_products: Any, factors: Any, matrices: Any, d_dropped: Any, d_operand: Any
) -> None:
    """Add the gradient of a in `_add_products` to d_operand; the matrices are transposed."""
    gates, rows = factors.shape[0], d_operand.shape[1]
    columns, size = d_products.shape[0] // gates, matrices.size // gates
    zeros = np.zeros(LANES, np.float32)
    for g in range(gates):
        multiply(
            address(d_products[g * columns :]), rows, columns, address(matrices[g * size :]),
            d_operand.shape[0], address(zeros), 0, 0, address(d_dropped),
        )  # fmt: skip
        flat, scale, target = d_dropped.reshape(-1), factors[g].reshape(-1), d_operand.reshape(-1)
        for j in range(flat.size):
            target[j] += flat[j] * scale[j]


@compiled
def _add_d_matrices(
    a: Any, factors: Any, d_parts: Any, first: Any, dropped: Any, gradient: Any
) -> None:
    """Add the gradients of the matrices in `_add_products`, for a and d_parts of some steps.

    first: the first block of the parts that belong to the matrices.
    """
    gates = factors.shape[0]
    columns = gradient.shape[0] // gates
    for g in range(gates):
        for t in range(len(a)):
            _scale(a[t].reshape(-1), factors[g].reshape(-1), dropped[t].reshape(-1))
        of_gate = g * columns
        add_over_steps(
            dropped[: len(a)],
            d_parts[:, first + of_gate : first + of_gate + columns],
            gradient[of_gate : of_gate + columns],
        )


@compiled
def _scale(a: Any, factors: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] = a[j] * factors[j]
