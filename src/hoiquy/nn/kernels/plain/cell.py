"""What the plain cells share: their states, what they save, and masked steps."""

from typing import Any, NamedTuple, Protocol

import numpy as np

from hoiquy.nn.kernels.types import Array, Mask, RecurrentWeights, State


class Steps(NamedTuple):
    """What a cell reads.

    sums: (time, batch, gates * units), the input part of the sums, input bias included. A cell
        adds the recurrent part in place.
    mask: (time, batch), False where the states are carried over.
    initial: the initial states; zeros by default.
    state_factors: (gates, batch, units), by which the hidden state is multiplied on its way into
        the recurrent product of each gate, for dropout.
    """

    sums: Array
    weights: RecurrentWeights
    mask: Mask | None = None
    initial: State | None = None
    state_factors: Array | None = None


class CellSaved(Protocol):
    """What a cell's forward pass returns, for its backward pass."""

    @property
    def hidden(self) -> Array:
        """(time + 1, batch, units), the initial state first."""

    @property
    def carry(self) -> Array | None:
        """As hidden: the LSTM's cell state; None for other cells."""


class CellGradients(NamedTuple):
    """What a cell's backward pass returns.

    sums: (time, batch, gates * units), of the input part of the sums.
    recurrent_kernel: of the recurrent kernel.
    recurrent_bias: of the recurrent bias, for cells that have one.
    initial: of the initial states.
    """

    sums: Array
    recurrent_kernel: Array
    initial: State
    recurrent_bias: Array | None = None


class PlainCell(Protocol):
    """One cell over all steps of a batch, forward and backward, with its activations."""

    def forward(self, steps: Steps) -> CellSaved:
        """Run the cell, first step to last."""

    def backward(self, d_hidden: Array, d_last: State, steps: Steps, saved: Any) -> CellGradients:
        """Gradients of `forward`.

        d_hidden: (time, batch, units), of the hidden states. d_last: of the states after the last
        step, beyond their part in d_hidden.
        """


def states(steps: Steps, initial: Array | None) -> Array:
    """(time + 1, batch, units) of zeros with the initial state in slot 0."""
    time, batch, _ = steps.sums.shape
    result = np.zeros((time + 1, batch, steps.weights.units), steps.sums.dtype)
    if initial is not None:
        result[0] = initial
    return result


def where_counted(mask: Mask | None, step: int, counted: Array, otherwise: Array) -> Array:
    """The rows of `counted` at which the step counts, else those of `otherwise`."""
    return counted if mask is None else np.where(mask[step, :, None], counted, otherwise)
