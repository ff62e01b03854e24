"""The recurrent kernels in plain NumPy: products with the input, last states and inference.

They are the definition of the fast ones. The cells are in simple_rnn.py, lstm.py, gru.py and
gru_reset_before.py.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.cell import CellSaved, PlainCell, Steps
from hoiquy.nn.kernels.plain.gate_products import d_matrix, d_operand, gate_products
from hoiquy.nn.kernels.types import (
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)


class Saved(NamedTuple):
    """What the backward pass needs."""

    x: Array
    factors: Array | None
    steps: Steps
    cell: CellSaved
    sequences: bool


class PlainRecurrent(NamedTuple):
    """The kernels of one cell."""

    cell: PlainCell

    def forward(
        self, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, factors: Array | None = None, sequences: bool = True,
        state_factors: Array | None = None, packs: None = None,
    ) -> tuple[Array, Saved]:  # fmt: skip
        """Run the cell over a batch of sequences.

        Args:
            x: (time, batch, inputs).
            weights: See `RecurrentWeights`.
            mask: (time, batch), False where the states are carried over.
            initial: The initial states; zeros by default.
            factors: By which the inputs of all steps are multiplied, for dropout: (batch, inputs),
                or (gates, batch, inputs) where each gate has others.
            sequences: Whether to return the hidden states of all steps or of the last one.
            state_factors: (gates, batch, units), as `factors` for the state that enters the
                recurrent products.
            packs: As `packs` returns it for the weights.

        Returns:
            hidden, (time, batch, units) or (batch, units), and what `backward` needs.
        """
        bias = weights.bias if weights.bias.ndim == 1 else weights.bias[0]
        sums = gate_products(x, weights.kernel, factors) + bias
        steps = Steps(sums, weights, mask, initial, state_factors)
        cell = self.cell.forward(steps)
        hidden = cell.hidden[1:] if sequences else cell.hidden[-1]
        return hidden, Saved(x, factors, steps, cell, sequences)

    def last_states(self, saved: Saved) -> State:
        """The states after the last step of a forward pass."""
        carry = saved.cell.carry
        return State(saved.cell.hidden[-1], None if carry is None else carry[-1])

    def backward(
        self, d_hidden: Array, weights: RecurrentWeights, saved: Saved, want_d_x: bool = True,
        d_last: State | None = None, packs: None = None,
    ) -> tuple[Array | None, RecurrentWeights, State]:  # fmt: skip
        """Gradients of `forward`: of x (None unless wanted), the weights, the initial states.

        d_hidden: shaped as hidden of the forward pass. d_last: of the last states, beyond
        d_hidden; zeros by default.
        """
        x, factors, steps, cell, sequences = saved
        zeros = np.zeros(cell.hidden.shape[1:], cell.hidden.dtype)
        if d_last is None:
            d_last = State(zeros, None if cell.carry is None else zeros)
        if not sequences:
            d_last = State(d_last.hidden + d_hidden, d_last.carry)
            d_hidden = np.broadcast_to(zeros, (len(x), *zeros.shape))
        gradients = self.cell.backward(d_hidden, d_last, steps._replace(weights=weights), cell)
        d_sums = gradients.sums
        d_bias = d_sums.sum(axis=(0, 1))
        if gradients.recurrent_bias is not None:
            d_bias = np.stack([d_bias, gradients.recurrent_bias])
        d_weights = RecurrentWeights(
            d_matrix(d_sums, x, factors), gradients.recurrent_kernel, d_bias
        )
        d_x = d_operand(d_sums, weights.kernel, factors) if want_d_x else None
        return d_x, d_weights, gradients.initial

    def packs(self, weights: RecurrentWeights) -> None:
        """What passes with the same weights may share: here, nothing."""

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
        hidden, saved = self.forward(x, prepared, mask, initial, sequences=sequences)
        if sequences:
            return hidden, State(saved.cell.hidden, saved.cell.carry)
        return hidden, self.last_states(saved)

    def project(self, prepared: RecurrentWeights, embeddings: Array) -> Array:
        """The table for a Lookup of embeddings (rows, inputs): here, the embeddings themselves."""
        return embeddings
