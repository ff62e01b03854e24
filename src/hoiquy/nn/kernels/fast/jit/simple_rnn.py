"""One step of the SimpleRNN, compiled, forward and backward.

`hoiquy.nn.kernels.plain.simple_rnn` is the definition; `sequence.py` runs the loop over time.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ONE, ZERO, tanh
from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def simple_rnn_cell_forward(parts: Any, relu: Any, hidden: Any) -> None:
    """hidden = activation(parts). All arrays are flat."""
    if relu:
        for j in range(hidden.size):
            hidden[j] = ZERO if parts[j] < ZERO else parts[j]
    else:
        for j in range(hidden.size):
            hidden[j] = tanh(parts[j])


@compiled
def simple_rnn_cell_backward(parts: Any, relu: Any, hidden: Any, d_h: Any) -> None:
    """Fill parts with the gradients of the sums."""
    if relu:
        for j in range(hidden.size):
            parts[j] = d_h[j] if hidden[j] > ZERO else ZERO
    else:
        for j in range(hidden.size):
            parts[j] = d_h[j] * (ONE - hidden[j]) * (ONE + hidden[j])
