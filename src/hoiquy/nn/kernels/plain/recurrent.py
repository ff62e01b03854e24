"""The recurrent kernels in plain NumPy: the cells with input dropout, last states and inference.

The cells are in simple_rnn.py, lstm.py and gru.py; the table of all kernels is at the end.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hoiquy.nn.kernels.plain import gru, lstm, simple_rnn
from hoiquy.nn.kernels.types import (
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)


class PlainRecurrent(NamedTuple):
    """The kernels of one cell, given its forward and backward pass."""

    cell_forward: Callable[..., tuple[Array, Any]]
    cell_backward: Callable[..., tuple[Array | None, RecurrentWeights, State]]

    def forward(
        self, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, factors: Array | None = None, sequences: bool = True,
    ) -> tuple[Array, Any]:  # fmt: skip
        """Run the cell over a batch of sequences.

        Args:
            x: (time, batch, inputs).
            weights: See `RecurrentWeights`.
            mask: (time, batch), False where the states are carried over.
            initial: The initial states; zeros by default.
            factors: (batch, inputs), by which the inputs of all steps are multiplied, for dropout.
            sequences: Whether to return the hidden states of all steps or of the last one.

        Returns:
            hidden, (time, batch, units) or (batch, units), and what `backward` needs.
        """
        x = x if factors is None else x * factors
        hidden, saved = self.cell_forward(x, weights, mask, initial)
        return (hidden if sequences else saved.hidden[-1]), (saved, factors)

    def backward(
        self, d_hidden: Array, weights: RecurrentWeights, saved: Any, want_d_x: bool = True
    ) -> tuple[Array | None, RecurrentWeights, State]:
        """Gradients of `forward`: of x (None unless wanted), the weights, the initial states.

        d_hidden: shaped as hidden of the forward pass.
        """
        cell_saved, factors = saved
        d_x, d_weights, d_initial = self.cell_backward(d_hidden, weights, cell_saved, want_d_x)
        if d_x is not None and factors is not None:
            d_x = d_x * factors
        return d_x, d_weights, d_initial

    def prepare(self, weights: RecurrentWeights) -> RecurrentWeights:
        """The argument of `infer` and `project`: here, the weights themselves."""
        return weights

    def infer(
        self, x: Array | Lookup, prepared: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, sequences: bool = True,
    ) -> tuple[Array, State]:  # fmt: skip
        """`forward` for inference: (hidden, states).

        The states are those after the last step, or with `sequences` those before every step and
        after the last one, (time + 1, batch, units).
        """
        if isinstance(x, Lookup):
            x = x.table[x.indices]
        _, saved = self.cell_forward(x, prepared, mask, initial)
        states = State(saved.hidden, getattr(saved, "carry", None))
        if sequences:
            return saved.hidden[1:], states
        last = State(states.hidden[-1], None if states.carry is None else states.carry[-1])
        return last.hidden, last

    def project(self, prepared: RecurrentWeights, embeddings: Array) -> Array:
        """The table for a Lookup of embeddings (rows, inputs): here, the embeddings themselves."""
        return embeddings


LSTM = PlainRecurrent(lstm.lstm_forward, lstm.lstm_backward)
GRU = PlainRecurrent(gru.gru_forward, gru.gru_backward)
SIMPLE_RNN_TANH = PlainRecurrent(
    partial(simple_rnn.simple_rnn_forward, "tanh"), simple_rnn.simple_rnn_backward
)
SIMPLE_RNN_RELU = PlainRecurrent(
    partial(simple_rnn.simple_rnn_forward, "relu"), simple_rnn.simple_rnn_backward
)
