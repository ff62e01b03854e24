"""GRU cell (reset after), fast; `hoiquy.nn.kernels.plain.gru` is its definition.

The work array holds four parts, blocked: candidate h, update z, reset r, and the candidate's
recurrent part q. The input's product covers the first three and the state's the last three, so
that the parts the two share lie side by side, and so do their gradients.
"""

from typing import Any

from hoiquy.nn.kernels.fast.activations import ONE, sigmoid, tanh
from hoiquy.nn.kernels.fast.compiler import compiled


@compiled
def gru_cell_forward(parts: Any, hidden_before: Any, hidden: Any) -> None:
    """Turn sums into activations, in place but for q, and fill hidden. All flat."""
    size = hidden.size
    # Slices, all indexed from 0: loops over parts[size + j] are not turned into vector code.
    candidate, gates, z = parts[:size], parts[size : 3 * size], parts[size : 2 * size]
    reset, q = parts[2 * size : 3 * size], parts[3 * size :]
    for j in range(gates.size):
        gates[j] = sigmoid(gates[j])
    for j in range(size):
        candidate[j] = tanh(candidate[j] + reset[j] * q[j])
    for j in range(size):
        hidden[j] = candidate[j] + z[j] * (hidden_before[j] - candidate[j])


@compiled
def gru_cell_backward(parts: Any, hidden_before: Any, d_h: Any, carried: Any) -> None:
    """Turn the parts into the gradients of their sums; carried is what goes past the cell."""
    size = d_h.size
    p_h, p_z = parts[:size], parts[size : 2 * size]
    p_r, p_q = parts[2 * size : 3 * size], parts[3 * size :]
    for j in range(size):
        h, z, reset, q = p_h[j], p_z[j], p_r[j], p_q[j]
        d_candidate = d_h[j] * (ONE - z) * (ONE - h * h)
        p_h[j] = d_candidate
        p_z[j] = d_h[j] * (hidden_before[j] - h) * z * (ONE - z)
        p_r[j] = d_candidate * q * reset * (ONE - reset)
        p_q[j] = d_candidate * reset
        carried[j] = d_h[j] * z
