"""One step of the GRU whose reset gate is before the product, compiled, forward and backward.

`hoiquy.nn.kernels.plain.gru_reset_before` is the definition. All arrays are flat. The work array
has the four parts of `gru.py`, h z r q, but q is the reset state, r times the state. The product
with the input covers h z r, that with the state z and r, and that with q covers h. So a step has
two parts in either direction, with a product between them (`step.py`).
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ONE
from hoiquy.nn.kernels.fast.jit.compiler import compiled
from hoiquy.nn.kernels.fast.jit.elementwise import activate, slopes


@compiled
def reset_state(cell: Any, parts: Any, hidden_before: Any) -> None:
    """Turn the sums of z and r into gates, in place, and fill q."""
    size = hidden_before.size
    reset, q = parts[2 * size : 3 * size], parts[3 * size :]
    activate(cell.recurrent_activation, parts[size : 3 * size])
    for j in range(size):
        q[j] = reset[j] * hidden_before[j]


@compiled
def candidate_backward(
    cell: Any, parts: Any, hidden_before: Any, d_h: Any, carried: Any, work: Any
) -> None:
    """Turn h and z into gradients of their sums; carried: the part of d_h that z carries over.

    work: four times as large as d_h, of which `reset_backward` needs the third part.
    """
    size = d_h.size
    p_h, p_z = parts[:size], parts[size : 2 * size]
    s_h, s_z = work[:size], work[size : 2 * size]
    slopes(cell.activation, p_h, s_h)
    slopes(cell.recurrent_activation, parts[size : 3 * size], work[size : 3 * size])
    for j in range(size):
        h, z = p_h[j], p_z[j]
        p_h[j] = d_h[j] * (ONE - z) * s_h[j]
        p_z[j] = d_h[j] * (hidden_before[j] - h) * s_z[j]
        carried[j] = d_h[j] * z


@compiled
def reset_backward(parts: Any, hidden_before: Any, carried: Any, work: Any) -> None:
    """Turn r into the gradient of its sum and add to carried; work's fourth part: that of q."""
    size = carried.size
    p_r, s_r, d_q = parts[2 * size : 3 * size], work[2 * size : 3 * size], work[3 * size :]
    for j in range(size):
        reset = p_r[j]
        p_r[j] = d_q[j] * hidden_before[j] * s_r[j]
        carried[j] += d_q[j] * reset
