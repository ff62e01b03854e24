"""One step of whichever cell, for the loops over time: `step_forward` and `step_backward`."""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ZERO
from hoiquy.nn.kernels.fast.jit.compiler import compiled, copy, flat
from hoiquy.nn.kernels.fast.jit.gru import gru_cell_backward, gru_cell_forward, new_hidden
from hoiquy.nn.kernels.fast.jit.gru_reset_before import reset_backward
from hoiquy.nn.kernels.fast.jit.lstm import lstm_cell_backward, lstm_cell_forward
from hoiquy.nn.kernels.fast.jit.simple_rnn import (
    simple_rnn_cell_backward,
    simple_rnn_cell_forward,
)
from hoiquy.nn.kernels.fast.lanes import LANES
from hoiquy.nn.kernels.fast.operands import GRU, GRU_RESET_BEFORE, LSTM


@compiled
def step_forward(
    cell: Any, t: Any, mask: Any, sums: Any, before: Any, now: Any, carry_before: Any, carry: Any
) -> None:
    """Turn the sums into activations and fill the states after step t."""
    if cell.kind == LSTM:
        lstm_cell_forward(cell, flat(sums), flat(carry_before), flat(carry), flat(now))
    elif cell.kind == GRU:
        gru_cell_forward(cell, flat(sums), flat(before), flat(now))
    elif cell.kind == GRU_RESET_BEFORE:
        new_hidden(cell, flat(sums), flat(before), flat(now))
    else:
        simple_rnn_cell_forward(cell, flat(sums), flat(now))
    if mask.size > 0:
        _copy_masked_rows(mask[t], before, now)
        _copy_masked_rows(mask[t], carry_before, carry)


@compiled
def _copy_masked_rows(mask: Any, source: Any, target: Any) -> None:
    """Copy the rows at which the mask is False, unless the arrays are empty."""
    for r in range(mask.size):
        if not mask[r]:
            _copy_row(source, r, target)


@compiled
def _copy_row(source: Any, row: Any, target: Any) -> None:
    for b in range(target.shape[0]):
        for lane in range(LANES):
            target[b, row, lane] = source[b, row, lane]


@compiled
def step_backward(cell: Any, t: Any, mask: Any, activations: Any, d_states: Any) -> None:
    """One step of the cell: parts become gradients of the sums, d_c that of the step before.

    d_states.carried takes the part of d_h that goes to the step before without passing U.
    """
    parts, hidden, carry = activations.parts, activations.hidden, activations.carry
    d_h, d_c, carried = d_states.d_h, d_states.d_c, d_states.carried
    work = flat(d_states.slopes)
    if mask.size > 0:
        copy(flat(d_c), flat(d_states.d_c_before))
    if cell.kind == LSTM:
        lstm_cell_backward(
            cell, flat(parts[t]), flat(carry[t]), flat(carry[t + 1]), flat(d_h), flat(d_c), work
        )
    elif cell.kind == GRU:
        gru_cell_backward(cell, flat(parts[t]), flat(hidden[t]), flat(d_h), flat(carried), work)
    elif cell.kind == GRU_RESET_BEFORE:
        reset_backward(flat(parts[t]), flat(hidden[t]), flat(carried), work)
    else:
        simple_rnn_cell_backward(cell, flat(parts[t]), flat(hidden[t + 1]), flat(d_h))
    if mask.size > 0:
        if cell.kind != GRU and cell.kind != GRU_RESET_BEFORE:
            carried[:] = ZERO
        _skip_masked_rows(mask[t], parts[t], d_states)


@compiled
def _skip_masked_rows(mask: Any, d_sums: Any, d_states: Any) -> None:
    """Rows at which the mask is False: no gradient for the sums, all of it for the step before."""
    for r in range(mask.size):
        if not mask[r]:
            d_sums[:, r] = ZERO
            _copy_row(d_states.d_h, r, d_states.carried)
            _copy_row(d_states.d_c_before, r, d_states.d_c)
