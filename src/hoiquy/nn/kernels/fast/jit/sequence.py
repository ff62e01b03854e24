"""The loops over time that all recurrent cells share, forward and backward, on blocked arrays.

simple_rnn.py, lstm.py and gru.py hold one step of a cell, forward and backward; `run_forward` and
`run_backward` call it at every step, through step.py. Before a step the work array (parts) takes
bias + x W + h U, and the cell turns these sums into activations. W covers the first parts and U the
last ones: the LSTM's four and four, the GRU's three and three of four, the SimpleRNN's one and one.
The GRU whose reset gate is before the product differs: see gru_reset_before.py.

Every array over time has as many slots as its caller keeps: all steps for training, two for
inference, where step t takes the slot t modulo the number of slots. Compiled code takes arrays
only: an empty array means that there is none.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ZERO
from hoiquy.nn.kernels.fast.jit.compiler import address, compiled, copy, flat
from hoiquy.nn.kernels.fast.jit.gru_reset_before import candidate_backward, reset_state
from hoiquy.nn.kernels.fast.jit.matmul import (
    add_gradient,
    multiply,
    multiply_one_row,
    multiply_steps,
)
from hoiquy.nn.kernels.fast.jit.microkernel import add_vectors, copy_scaled, prefetch
from hoiquy.nn.kernels.fast.jit.step import step_backward, step_forward
from hoiquy.nn.kernels.fast.lanes import BLOCK_BYTES, LANES
from hoiquy.nn.kernels.fast.operands import (
    GRADIENT_DEPTH,
    GRU_GATES,
    GRU_RESET_BEFORE,
    INPUT_ROWS,
    Activations,
    Cell,
    Inputs,
    LayerGradients,
    Packed,
    PackedTransposes,
    StateGradients,
)
from hoiquy.nn.kernels.types import Array


@compiled
def run_forward(
    cell: Cell, inputs: Inputs, weights: Packed, activations: Activations, ones: Array
) -> None:
    """Fill the activations of all steps, first to last. ones: as many as a vector holds."""
    parts, hidden, carry = activations.parts, activations.hidden, activations.carry
    mask, slots = inputs.mask, parts.shape[0]
    at_once = min(slots, max(1, INPUT_ROWS // parts.shape[2]))
    time = inputs.indices.shape[0] if inputs.table.size > 0 else inputs.x.shape[0]
    for t in range(time):
        before, now = hidden[t % hidden.shape[0]], hidden[(t + 1) % hidden.shape[0]]
        carry_before, carry_now = carry[t % carry.shape[0]], carry[(t + 1) % carry.shape[0]]
        sums = parts[t % slots]
        if inputs.table.size > 0:
            _look_up_sums(t, inputs, weights, ones, sums)
        elif t % at_once == 0:
            steps = min(at_once, time - t)
            if counts(mask[t : t + steps]):
                _set_input_sums(inputs.x[t : t + steps], weights, parts[t % slots :])
        if not counts(mask[t : t + 1]):
            copy(flat(before), flat(now))
            copy(flat(carry_before), flat(carry_now))
            continue
        _add_recurrent_sums(t, cell, before, weights.recurrent, sums)
        step_forward(cell, t, mask, sums, before, now, carry_before, carry_now)


@compiled
def _set_input_sums(x: Any, weights: Any, parts: Any) -> None:
    """For each step of x, bias + x W in the parts that W covers, the inner bias in the others."""
    rows, outer_blocks = x.shape[2], weights.bias.size // LANES
    multiply_steps(
        address(x), x.strides[0], rows, x.shape[1], address(weights.kernel), outer_blocks,
        address(weights.bias), BLOCK_BYTES, address(parts), parts.strides[0], len(x),
    )  # fmt: skip
    for t in range(len(x)):
        _set_inner_bias(weights, parts[t])


@compiled
def _look_up_sums(t: Any, inputs: Any, weights: Any, ones: Any, sums: Any) -> None:
    """As `_set_input_sums`, for rows of the table."""
    _gather(inputs.table, inputs.indices[t], ones, sums)
    if t + 1 < inputs.indices.shape[0]:
        _prefetch_rows(inputs.table, inputs.indices[t + 1])
    _set_inner_bias(weights, sums)


@compiled
def _set_inner_bias(weights: Any, sums: Any) -> None:
    outer_blocks = weights.bias.size // LANES
    for b in range(outer_blocks, sums.shape[0]):
        for r in range(sums.shape[1]):
            for lane in range(LANES):
                sums[b, r, lane] = weights.inner_bias[(b - outer_blocks) * LANES + lane]


@compiled
def _add_recurrent_sums(t: Any, cell: Any, before: Any, recurrent: Any, sums: Any) -> None:
    """Add h U to the parts that U covers."""
    units = before.shape[0]
    if cell.kind == GRU_RESET_BEFORE:
        of_gates = recurrent.size // GRU_GATES * (GRU_GATES - 1)
        _add_product(t, before, recurrent[:of_gates], sums[units : 3 * units])
        reset_state(cell, flat(sums), flat(before))
        _add_product(t, sums[3 * units :], recurrent[of_gates:], sums[:units])
    else:
        inner_blocks = recurrent.size // (LANES * LANES * units)
        _add_product(t, before, recurrent, sums[sums.shape[0] - inner_blocks :])


@compiled
def _add_product(t: Any, a: Any, matrix: Any, sums: Any) -> None:
    """Add a times a packed matrix."""
    depth, rows, columns, place = a.shape[0], a.shape[1], sums.shape[0], address(sums)
    if rows == 1:
        multiply_one_row(address(a), depth, address(matrix), columns, place, t % 2 == 1)
    else:
        multiply(
            address(a), rows, depth, address(matrix), columns, place, BLOCK_BYTES,
            rows * BLOCK_BYTES, place,
        )  # fmt: skip


@compiled
def _gather(table: Any, indices: Any, ones: Any, sums: Any) -> None:
    rows, factors = indices.size, address(ones)
    for r in range(rows):
        source = address(table[indices[r]])
        target = address(sums) + r * BLOCK_BYTES
        for b in range(table.shape[1] // LANES):
            copy_scaled(source + b * BLOCK_BYTES, factors, target + b * rows * BLOCK_BYTES)


@compiled
def _prefetch_rows(table: Any, indices: Any) -> None:
    """Bring the next step's rows into the cache while this step computes."""
    for r in range(indices.size):
        row = address(table[indices[r]])
        for b in range(0, table.shape[1] // LANES, 2):  # a cache line is two blocks wide
            prefetch(row + b * BLOCK_BYTES)


@compiled
def counts(mask: Any) -> Any:
    """Whether any row counts at any of the steps of the mask; an empty one masks nothing."""
    for t in range(mask.shape[0]):
        for r in range(mask.shape[1]):
            if mask[t, r]:
                return True
    return mask.size == 0


@compiled
def run_backward(
    cell: Cell, inputs: Inputs, weights: PackedTransposes, activations: Activations,
    d_states: StateGradients, gradients: LayerGradients, zeros: Array,
) -> None:  # fmt: skip
    """Gradients of `run_forward` with all steps kept and x given, last step to first.

    zeros: as many as a vector holds. Overwrites `activations.parts` with the gradients of the
    sums.
    """
    x, parts, hidden = inputs.x, activations.parts, activations.hidden
    d_h, d_x, d_recurrent = d_states.d_h, gradients.d_x, gradients.d_recurrent
    units, rows = hidden.shape[1], hidden.shape[2]
    inner_blocks = d_recurrent.shape[0]
    inner_first = parts.shape[1] - inner_blocks
    if cell.kind == GRU_RESET_BEFORE:
        inner_blocks -= units  # of the candidate, which has a product of its own
    carried = d_states.carried
    end, at_once = x.shape[0], max(1, GRADIENT_DEPTH // rows)
    while end > 0:
        begin = max(0, end - at_once)
        for t in range(end - 1, begin - 1, -1):
            if d_states.d_hidden.size > 0:
                add_to(flat(d_states.d_hidden[t]), flat(d_h))
            if not counts(inputs.mask[t : t + 1]):
                parts[t] = ZERO
                continue
            if cell.kind == GRU_RESET_BEFORE:
                _reset_state_backward(cell, t, weights.recurrent, activations, d_states, zeros)
            step_backward(cell, t, inputs.mask, activations, d_states)
            d_sums = parts[t]
            multiply(
                address(d_sums[inner_first:]), rows, inner_blocks, address(weights.recurrent),
                units, address(carried), BLOCK_BYTES, rows * BLOCK_BYTES, address(d_h),
            )  # fmt: skip
            add_rows(d_sums, gradients.d_bias)
        if not counts(inputs.mask[begin:end]):
            if d_x.size > 0:
                d_x[begin:end] = ZERO
            end = begin
            continue
        if d_x.size > 0:
            multiply_steps(
                address(parts[begin]), parts.strides[0], rows, gradients.d_kernel.shape[0],
                address(weights.kernel), d_x.shape[1], address(zeros), 0, address(d_x[begin]),
                d_x.strides[0], end - begin,
            )  # fmt: skip
        add_over_steps(x[begin:end], parts[begin:end], gradients.d_kernel)
        d_inner = parts[begin:end, inner_first:]
        add_over_steps(hidden[begin:end], d_inner, d_recurrent[:inner_blocks])
        if cell.kind == GRU_RESET_BEFORE:
            reset, d_candidate = parts[begin:end, 3 * units :], parts[begin:end, :units]
            add_over_steps(reset, d_candidate, d_recurrent[inner_blocks:])
        end = begin


@compiled
def _reset_state_backward(
    cell: Any, t: Any, recurrent: Any, activations: Any, d_states: Any, zeros: Any
) -> None:
    """The gradient of the reset state, in the fourth part of `d_states.slopes`."""
    parts, hidden, slopes = activations.parts[t], activations.hidden[t], d_states.slopes
    candidate_backward(
        cell, flat(parts), flat(hidden), flat(d_states.d_h), flat(d_states.carried), flat(slopes)
    )
    of_gates, units = recurrent.size // GRU_GATES * (GRU_GATES - 1), hidden.shape[0]
    multiply(
        address(parts), hidden.shape[1], units, address(recurrent[of_gates:]), units,
        address(zeros), 0, 0, address(slopes[3 * units :]),
    )  # fmt: skip


@compiled
def add_over_steps(a: Any, b: Any, gradient: Any) -> None:
    """gradient += the sum over steps of aᵀ b."""
    add_gradient(
        address(a), a.strides[0], a.shape[1], address(b), b.strides[0], gradient.shape[0],
        a.shape[2], len(a), address(gradient),
    )  # fmt: skip


@compiled
def add_to(source: Any, target: Any) -> None:
    for j in range(source.size):
        target[j] += source[j]


@compiled
def add_rows(d_sums: Any, d_bias: Any) -> None:
    """d_bias (blocks, LANES) += the sum over the rows of d_sums (blocks, rows, LANES)."""
    rows = d_sums.shape[1]
    source, target = address(d_sums), address(d_bias)
    for b in range(d_sums.shape[0]):
        add_vectors(source + b * rows * BLOCK_BYTES, rows, target + b * BLOCK_BYTES)
