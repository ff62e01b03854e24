"""Types that the kernels share."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

# The activations that the fast recurrent kernels compute. Their gradients follow from y alone, and
# their values at 0 are less than 1: units that pad a layer must not grow from step to step.
FAST_ACTIVATIONS = (
    "tanh", "sigmoid", "relu", "linear", "hard_sigmoid", "softsign", "elu", "selu", "softplus",
    "leaky_relu", "relu6", "hard_tanh",
)  # fmt: skip
Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


class RecurrentWeights(NamedTuple):
    """Weights of one recurrent layer, with Keras' shapes and gate order.

    kernel: (inputs, gates * units). recurrent_kernel: (units, gates * units).
    bias: (gates * units,), or (2, gates * units) for the GRU: input bias, then recurrent bias.
    Gates: SimpleRNN one; LSTM i f c o; GRU z r h.
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array

    @property
    def units(self) -> int:
        return int(self.recurrent_kernel.shape[0])


class State(NamedTuple):
    """The state that a recurrent layer passes from one step to the next, or its gradient.

    hidden: (batch, units). carry: the LSTM's cell state, (batch, units); None for other cells.
    """

    hidden: Array
    carry: Array | None = None


class Lookup(NamedTuple):
    """Inputs as rows of a table: step t of document r takes table[indices[t, r]].

    indices: (time, batch) integers. table: (rows, inputs), or as `project` returns it.
    """

    indices: NDArray[np.int32]
    table: Array


class Activation(Protocol):
    """An elementwise function, or one of the last axis, and its gradient."""

    def function(self, x: Array, /) -> Array:
        """y, shaped as x; x is not modified."""

    def gradient(self, d_y: Array, x: Array, y: Array, /) -> Array:
        """The gradient of x, given those of y = function(x)."""
