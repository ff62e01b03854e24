"""One step of the GRU, compiled: `gru_cell_forward` and its backward pass `gru_cell_backward`.

`hoiquy.nn.kernels.plain.gru` is the definition; `sequence.py` runs the loop over time and computes
the gradients of the weights. All arrays are flat.

The work array has four blocked parts: candidate h, update z, reset r, and the candidate's recurrent
part q. The product with the input covers the first three and that with the state the last three:
the parts that both share are adjacent, and so are their gradients.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ONE, sigmoid_slope, tanh_slope
from hoiquy.nn.kernels.fast.jit.compiler import compiled, inlined
from hoiquy.nn.kernels.fast.jit.elementwise import activate, slopes
from hoiquy.nn.kernels.fast.operands import SIGMOID, TANH


@compiled
def gru_cell_forward(cell: Any, parts: Any, hidden_before: Any, hidden: Any) -> None:
    """Turn the sums into activations, in place except q, and fill hidden."""
    size = hidden.size
    # Slices, all indexed from 0: loops over parts[size + j] are not turned into vector code.
    candidate, reset, q = parts[:size], parts[2 * size : 3 * size], parts[3 * size :]
    activate(cell.recurrent_activation, parts[size : 3 * size])
    for j in range(size):
        candidate[j] = candidate[j] + reset[j] * q[j]
    new_hidden(cell, parts, hidden_before, hidden)


@compiled
def new_hidden(cell: Any, parts: Any, hidden_before: Any, hidden: Any) -> None:
    """Activate the candidate and mix it with the state; z is activated."""
    size = hidden.size
    candidate, z = parts[:size], parts[size : 2 * size]
    activate(cell.activation, candidate)
    for j in range(size):
        hidden[j] = candidate[j] + z[j] * (hidden_before[j] - candidate[j])


@compiled
def gru_cell_backward(
    cell: Any, parts: Any, hidden_before: Any, d_h: Any, carried: Any, work: Any
) -> None:
    """Turn the parts into gradients of their sums; carried: the part of d_h past the products.

    work: three times as large as d_h.
    """
    size = d_h.size
    usual = cell.activation == TANH and cell.recurrent_activation == SIGMOID
    p_h, p_z = parts[:size], parts[size : 2 * size]
    p_r, p_q = parts[2 * size : 3 * size], parts[3 * size :]
    s_h, s_z, s_r = work[:size], work[size : 2 * size], work[2 * size : 3 * size]
    if usual:  # without arrays of slopes
        for j in range(size):
            h, z, reset, q = p_h[j], p_z[j], p_r[j], p_q[j]
            p_h[j], p_z[j], p_r[j], p_q[j], carried[j] = _gradients(
                (h, z, reset, q), (tanh_slope(h), sigmoid_slope(z), sigmoid_slope(reset)),
                hidden_before[j], d_h[j],
            )  # fmt: skip
    else:
        slopes(cell.activation, p_h, s_h)
        slopes(cell.recurrent_activation, parts[size : 3 * size], work[size : 3 * size])
        for j in range(size):
            p_h[j], p_z[j], p_r[j], p_q[j], carried[j] = _gradients(
                (p_h[j], p_z[j], p_r[j], p_q[j]), (s_h[j], s_z[j], s_r[j]), hidden_before[j],
                d_h[j],
            )  # fmt: skip


@inlined
def _gradients(parts: Any, of: Any, before: Any, d_h: Any) -> Any:
    """Gradients of h z r q and of the state before, past the products; of: slopes of h z r."""
    h, z, reset, q = parts
    d_candidate = d_h * (ONE - z) * of[0]
    d_z, d_reset = d_h * (before - h) * of[1], d_candidate * q * of[2]
    return d_candidate, d_z, d_reset, d_candidate * reset, d_h * z
