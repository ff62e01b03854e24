"""One step of the LSTM, compiled: `lstm_cell_forward` and its backward pass `lstm_cell_backward`.

`hoiquy.nn.kernels.plain.lstm` is the definition; `sequence.py` runs the loop over time. The work
array has four blocked parts, the gates i f c o. All arrays are flat.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import sigmoid_slope, tanh, tanh_slope
from hoiquy.nn.kernels.fast.jit.compiler import compiled, copy, inlined
from hoiquy.nn.kernels.fast.jit.elementwise import activate, slopes
from hoiquy.nn.kernels.fast.operands import SIGMOID, TANH


@compiled
def lstm_cell_forward(cell: Any, parts: Any, carry_before: Any, carry: Any, hidden: Any) -> None:
    """Turn the sums into gates, in place, and fill carry and hidden."""
    size = hidden.size
    # Slices, all indexed from 0: loops over parts[size + j] are not turned into vector code.
    i, f = parts[:size], parts[size : 2 * size]
    c, o = parts[2 * size : 3 * size], parts[3 * size :]
    activate(cell.recurrent_activation, parts[: 2 * size])
    activate(cell.activation, c)
    activate(cell.recurrent_activation, o)
    for j in range(size):
        carry[j] = f[j] * carry_before[j] + i[j] * c[j]
    copy(carry, hidden)
    activate(cell.activation, hidden)
    for j in range(size):
        hidden[j] = o[j] * hidden[j]


@compiled
def lstm_cell_backward(
    cell: Any, parts: Any, carry_before: Any, carry: Any, d_h: Any, d_c: Any, work: Any
) -> None:
    """Turn the gates into gradients of their sums, and d_c into that of the step before.

    work: six times as large as d_h.
    """
    size = d_h.size
    usual = cell.activation == TANH and cell.recurrent_activation == SIGMOID
    p_i, p_f = parts[:size], parts[size : 2 * size]
    p_c, p_o = parts[2 * size : 3 * size], parts[3 * size :]
    s_i, s_f = work[:size], work[size : 2 * size]
    s_c, s_o = work[2 * size : 3 * size], work[3 * size : 4 * size]
    output, s_output = work[4 * size : 5 * size], work[5 * size :]
    if usual:  # without arrays of slopes
        for j in range(size):
            i, f, c, o, out = p_i[j], p_f[j], p_c[j], p_o[j], tanh(carry[j])
            p_i[j], p_f[j], p_c[j], p_o[j], d_c[j] = _gradients(
                (i, f, c, o, out),
                (sigmoid_slope(i), sigmoid_slope(f), tanh_slope(c), sigmoid_slope(o),
                 tanh_slope(out)),
                carry_before[j], d_h[j], d_c[j],
            )  # fmt: skip
    else:
        copy(carry, output)
        activate(cell.activation, output)
        slopes(cell.activation, output, s_output)
        slopes(cell.recurrent_activation, parts[: 2 * size], work[: 2 * size])
        slopes(cell.activation, p_c, s_c)
        slopes(cell.recurrent_activation, p_o, s_o)
        for j in range(size):
            p_i[j], p_f[j], p_c[j], p_o[j], d_c[j] = _gradients(
                (p_i[j], p_f[j], p_c[j], p_o[j], output[j]),
                (s_i[j], s_f[j], s_c[j], s_o[j], s_output[j]), carry_before[j], d_h[j], d_c[j],
            )  # fmt: skip


@inlined
def _gradients(gates: Any, of: Any, carry_before: Any, d_h: Any, d_c: Any) -> Any:
    """Gradients of i f c o and of the carry before; gates and of: i f c o and output, slopes."""
    i, f, c, o, output = gates
    d_carry = d_c + d_h * o * of[4]
    d_i, d_f = d_carry * c * of[0], d_carry * carry_before * of[1]
    return d_i, d_f, d_carry * i * of[2], d_h * output * of[3], d_carry * f
