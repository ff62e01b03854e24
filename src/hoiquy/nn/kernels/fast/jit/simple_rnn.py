"""One step of the SimpleRNN, compiled, forward and backward.

`hoiquy.nn.kernels.plain.simple_rnn` is the definition; `sequence.py` runs the loop over time. All
arrays are flat.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.compiler import compiled, copy
from hoiquy.nn.kernels.fast.jit.elementwise import activate, slopes


@compiled
def simple_rnn_cell_forward(cell: Any, parts: Any, hidden: Any) -> None:
    """hidden = activation(parts)."""
    copy(parts, hidden)
    activate(cell.activation, hidden)


@compiled
def simple_rnn_cell_backward(cell: Any, parts: Any, hidden: Any, d_h: Any) -> None:
    """Fill parts with the gradients of the sums."""
    slopes(cell.activation, hidden, parts)
    for j in range(d_h.size):
        parts[j] *= d_h[j]
