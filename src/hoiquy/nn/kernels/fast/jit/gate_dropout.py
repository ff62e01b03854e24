"""The loops over time for cells whose gates drop other inputs and states: recurrent dropout.

As `sequence.py`, with every product split by gate: the input x or the state h is multiplied by the
gate's factors, then by its part of W or U. Gates are in the order of the parts that W or U covers.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ZERO
from hoiquy.nn.kernels.fast.jit.compiler import address, compiled, copy, flat
from hoiquy.nn.kernels.fast.jit.gru_reset_before import candidate_backward, reset_state
from hoiquy.nn.kernels.fast.jit.matmul import multiply
from hoiquy.nn.kernels.fast.jit.sequence import (
    add_over_steps,
    add_rows,
    add_to,
)
from hoiquy.nn.kernels.fast.jit.step import step_backward, step_forward
from hoiquy.nn.kernels.fast.lanes import BLOCK_BYTES, LANES
from hoiquy.nn.kernels.fast.operands import (
    GRU_GATES,
    GRU_RESET_BEFORE,
    Activations,
    Cell,
    Dropped,
    GateFactors,
    Inputs,
    LayerGradients,
    Packed,
    PackedTransposes,
    StateGradients,
)
from hoiquy.nn.kernels.types import Array


@compiled
def run_forward(
    cell: Cell, inputs: Inputs, factors: GateFactors, weights: Packed, activations: Activations,
    dropped: Dropped,
) -> None:  # fmt: skip
    """As `sequence.run_forward` with x given; the weights are packed gate by gate.

    dropped: work of one step.
    """
    parts, hidden, carry = activations.parts, activations.hidden, activations.carry
    x, mask = inputs.x, inputs.mask
    outer = weights.bias.size // LANES
    dropped_x, dropped_h = dropped.inputs[0], dropped.state[0]
    for t in range(x.shape[0]):
        sums, before, now = parts[t], hidden[t], hidden[t + 1]
        _set_bias(weights.bias, weights.inner_bias, sums)
        _add_products(x[t], factors.inputs, weights.kernel, dropped_x, sums[:outer])
        _add_recurrent_sums(cell, before, factors.state, weights.recurrent, dropped_h, sums)
        slot, next_slot = t % carry.shape[0], (t + 1) % carry.shape[0]
        step_forward(cell, t, mask, sums, before, now, carry[slot], carry[next_slot])


@compiled
def _add_recurrent_sums(
    cell: Any, before: Any, factors: Any, matrices: Any, dropped: Any, sums: Any
) -> None:
    """Add the products with U to the parts that it covers."""
    units = before.shape[0]
    if cell.kind == GRU_RESET_BEFORE:
        of_gates, last = matrices.size // GRU_GATES * (GRU_GATES - 1), GRU_GATES - 1
        gates, candidate, reset = sums[units : 3 * units], sums[:units], sums[3 * units :]
        _add_products(before, factors[:last], matrices[:of_gates], dropped, gates)
        reset_state(cell, flat(sums), flat(before))
        _add_products(reset, factors[last:], matrices[of_gates:], dropped, candidate)
    else:
        covered = sums[sums.shape[0] - factors.shape[0] * units :]
        _add_products(before, factors, matrices, dropped, covered)


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
        _scale(flat(a), flat(factors[g]), flat(dropped))
        place = address(products[g * columns :])
        multiply(
            address(dropped), rows, a.shape[0], address(matrices[g * size :]), columns, place,
            BLOCK_BYTES, rows * BLOCK_BYTES, place,
        )  # fmt: skip


@compiled
def run_backward(
    cell: Cell, inputs: Inputs, factors: GateFactors, weights: PackedTransposes,
    activations: Activations, d_states: StateGradients, gradients: LayerGradients,
    dropped: Dropped, d_dropped: Dropped, zeros: Array,
) -> None:  # fmt: skip
    """As `sequence.run_backward`; the weights are packed gate by gate.

    dropped: work of the steps whose weight gradients are added at once; d_dropped: of one step.
    """
    x, parts, hidden = inputs.x, activations.parts, activations.hidden
    d_h, d_x = d_states.d_h, gradients.d_x
    d_recurrent, units = gradients.d_recurrent, hidden.shape[1]
    outer, inner_first = gradients.d_kernel.shape[0], parts.shape[1] - d_recurrent.shape[0]
    of_state = factors.state.shape[0]  # how many gates read the state itself
    if cell.kind == GRU_RESET_BEFORE:
        of_state -= 1
    inner, matrices = of_state * units, weights.recurrent.size // factors.state.shape[0] * of_state
    end, at_once = x.shape[0], dropped.inputs.shape[0]
    while end > 0:
        begin = max(0, end - at_once)
        for t in range(end - 1, begin - 1, -1):
            if d_states.d_hidden.size > 0:
                add_to(flat(d_states.d_hidden[t]), flat(d_h))
            if cell.kind == GRU_RESET_BEFORE:
                _reset_state_backward(
                    cell, t, factors.state[of_state:], weights.recurrent[matrices:], activations,
                    d_states, d_dropped.state[0], zeros,
                )  # fmt: skip
            step_backward(cell, t, inputs.mask, activations, d_states)
            copy(flat(d_states.carried), flat(d_h))
            _add_d_operand(
                parts[t, inner_first : inner_first + inner], factors.state[:of_state],
                weights.recurrent[:matrices], d_dropped.state[0], d_h, zeros,
            )  # fmt: skip
            if d_x.size > 0:
                d_x[t] = ZERO
                _add_d_operand(
                    parts[t, :outer], factors.inputs, weights.kernel, d_dropped.inputs[0], d_x[t],
                    zeros,
                )  # fmt: skip
            add_rows(parts[t], gradients.d_bias)
        _add_d_matrices(
            x[begin:end], factors.inputs, parts[begin:end], 0, dropped.inputs, gradients.d_kernel
        )
        _add_d_matrices(
            hidden[begin:end], factors.state[:of_state], parts[begin:end], inner_first,
            dropped.state, d_recurrent[:inner],
        )  # fmt: skip
        if cell.kind == GRU_RESET_BEFORE:
            _add_d_matrices(
                parts[begin:end, 3 * units :], factors.state[of_state:], parts[begin:end], 0,
                dropped.state, d_recurrent[inner:],
            )  # fmt: skip
        end = begin


@compiled
def _reset_state_backward(
    cell: Any, t: Any, factors: Any, matrix: Any, activations: Any, d_states: Any, d_dropped: Any,
    zeros: Any,
) -> None:  # fmt: skip
    """As `sequence._reset_state_backward`, with the candidate's factors and matrix."""
    parts, hidden, slopes = activations.parts[t], activations.hidden[t], d_states.slopes
    candidate_backward(
        cell, flat(parts), flat(hidden), flat(d_states.d_h), flat(d_states.carried), flat(slopes)
    )
    units = hidden.shape[0]
    d_reset = slopes[3 * units :]
    d_reset[:] = ZERO
    _add_d_operand(parts[:units], factors, matrix, d_dropped, d_reset, zeros)


@compiled
def _add_d_operand(
    d_products: Any, factors: Any, matrices: Any, d_dropped: Any, d_operand: Any, zeros: Any
) -> None:
    """Add the gradient of a in `_add_products` to d_operand; the matrices are transposed."""
    gates, rows = factors.shape[0], d_operand.shape[1]
    columns, size = d_products.shape[0] // gates, matrices.size // gates
    for g in range(gates):
        multiply(
            address(d_products[g * columns :]), rows, columns, address(matrices[g * size :]),
            d_operand.shape[0], address(zeros), 0, 0, address(d_dropped),
        )  # fmt: skip
        source, scale, target = flat(d_dropped), flat(factors[g]), flat(d_operand)
        for j in range(source.size):
            target[j] += source[j] * scale[j]


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
            _scale(flat(a[t]), flat(factors[g]), flat(dropped[t]))
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
