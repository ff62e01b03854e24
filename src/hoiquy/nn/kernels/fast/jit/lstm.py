"""One step of the LSTM, compiled: `lstm_cell_forward` and its backward pass `lstm_cell_backward`.

`hoiquy.nn.kernels.plain.lstm` is the definition; `sequence.py` runs the loop over time. The work
array has four blocked parts, the gates i f c o.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ONE, sigmoid, tanh
from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def lstm_cell_forward(parts: Any, carry_before: Any, carry: Any, hidden: Any) -> None:
    """Turn the sums into gates, in place, and fill carry and hidden. All arrays are flat."""
    size = hidden.size
    # Slices, all indexed from 0: loops over parts[size + j] are not turned into vector code.
    both, i, f = parts[: 2 * size], parts[:size], parts[size : 2 * size]
    c, o = parts[2 * size : 3 * size], parts[3 * size :]
    for j in range(both.size):
        both[j] = sigmoid(both[j])
    for j in range(c.size):
        c[j] = tanh(c[j])
    for j in range(o.size):
        o[j] = sigmoid(o[j])
    for j in range(size):
        carry[j] = f[j] * carry_before[j] + i[j] * c[j]
    for j in range(size):
        hidden[j] = o[j] * tanh(carry[j])


@compiled
def lstm_cell_backward(parts: Any, carry_before: Any, carry: Any, d_h: Any, d_c: Any) -> None:
    """Turn the gates into gradients of their sums, and d_c into that of the step before."""
    size = d_h.size
    p_i, p_f = parts[:size], parts[size : 2 * size]
    p_c, p_o = parts[2 * size : 3 * size], parts[3 * size :]
    for j in range(size):
        i, f, c, o = p_i[j], p_f[j], p_c[j], p_o[j]
        tanh_carry = tanh(carry[j])
        d_carry = d_c[j] + d_h[j] * o * (ONE - tanh_carry) * (ONE + tanh_carry)
        p_i[j] = d_carry * c * i * (ONE - i)
        p_f[j] = d_carry * carry_before[j] * f * (ONE - f)
        p_c[j] = d_carry * i * (ONE - c) * (ONE + c)
        p_o[j] = d_h[j] * tanh_carry * o * (ONE - o)
        d_c[j] = d_carry * f
