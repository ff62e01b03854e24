"""Types that the kernels share."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    """What a recurrent layer carries from one step to the next, or the gradient of it.

    hidden: (batch, units). carry: the same, for the LSTM's cell state; None for the others.
    """

    hidden: Array
    carry: Array | None = None


class Lookup(NamedTuple):
    """Inputs given as rows of a table: step t of document r reads table[indices[t, r]].

    indices: (time, batch) integers. table: (rows, inputs), or what `project` makes of it.
    """

    indices: NDArray[np.int32]
    table: Array
