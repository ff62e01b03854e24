"""One step of the GRU, compiled: `gru_cell_forward` and its backward pass `gru_cell_backward`.

`hoiquy.nn.kernels.plain.gru` is the definition; `sequence.py` runs the loop over time and computes
the gradients of the weights.

The work array has four blocked parts: candidate h, update z, reset r, and the candidate's recurrent
part q. The product with the input covers the first three and that with the state the last three:
the parts that both share are adjacent, and so are their gradients.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ONE, sigmoid, tanh
from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def gru_cell_forward(parts: Any, hidden_before: Any, hidden: Any) -> None:
    """Turn the sums into activations, in place except q, and fill hidden. All arrays are flat."""
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
    """Turn the parts into gradients of their sums; carried: the part of d_h past the products."""
    size = d_h.size
    p_h, p_z = parts[:size], parts[size : 2 * size]
    p_r, p_q = parts[2 * size : 3 * size], parts[3 * size :]
    for j in range(size):
        h, z, reset, q = p_h[j], p_z[j], p_r[j], p_q[j]
        d_candidate = d_h[j] * (ONE - z) * (ONE - h) * (ONE + h)
        p_h[j] = d_candidate
        p_z[j] = d_h[j] * (hidden_before[j] - h) * z * (ONE - z)
        p_r[j] = d_candidate * q * reset * (ONE - reset)
        p_q[j] = d_candidate * reset
        carried[j] = d_h[j] * z
