"""SimpleRNN, LSTM and GRU layers: parameters in Keras' shapes and gate order around a kernel.

The arithmetic is in the kernels. A cell is defined, forward and backward, in
`nn/kernels/plain/simple_rnn.py`, `lstm.py` and `gru.py`; the compiled steps are in the files of the
same names in `nn/kernels/fast/jit`. "Adding a recurrent cell" in docs/architecture.md lists the
places that know the cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.kernels import Activation, Array
from hoiquy.nn.kernels.plain.cell import PlainCell
from hoiquy.nn.kernels.plain.gru import GruCell
from hoiquy.nn.kernels.plain.gru_reset_before import GruResetBeforeCell
from hoiquy.nn.kernels.plain.lstm import LstmCell
from hoiquy.nn.kernels.plain.simple_rnn import SimpleRnnCell
from hoiquy.nn.layers.recurrent_activations import plain_activation, resolved
from hoiquy.nn.layers.recurrent_base import Recurrent


@dataclass
class SimpleRNN(Recurrent):
    """h = activation(x W + h U + b)."""

    gates = 1
    cell_name = "simple_rnn"

    def plain_cell(self) -> PlainCell:
        return SimpleRnnCell(resolved(self.activation))


@dataclass
class Gated(Recurrent):
    """The base class of LSTM and GRU, whose gates have an activation of their own."""

    recurrent_activation: str | Activation = "sigmoid"

    def plain_reason(self) -> str | None:
        reason = super().plain_reason()
        return reason or plain_activation("recurrent_activation", self.recurrent_activation)


@dataclass
class LSTM(Gated):
    """Gates i f c o.

    unit_forget_bias: the forget gate's bias starts at one (Jozefowicz et al. 2015).
    """

    unit_forget_bias: bool = True

    gates = 4
    n_states = 2
    cell_name = "lstm"

    def plain_cell(self) -> PlainCell:
        return LstmCell(resolved(self.activation), resolved(self.recurrent_activation))

    def initial_bias(self, rng: Generator, dtype: DTypeLike) -> Array:
        if not self.unit_forget_bias:
            return super().initial_bias(rng, dtype)
        parts = [
            self.bias_initializer((self.units,), rng, dtype),
            np.ones(self.units, dtype),
            self.bias_initializer((2 * self.units,), rng, dtype),
        ]
        return np.concatenate(parts)


@dataclass
class GRU(Gated):
    """Gates z r h.

    reset_after: the reset gate is applied after the product with the state, and there are two
        biases: Keras' default.
    """

    reset_after: bool = True

    gates = 3

    @property
    def cell_name(self) -> str:  # type: ignore[override]
        return "gru" if self.reset_after else "gru_reset_before"

    @property
    def bias_shape(self) -> tuple[int, ...]:
        columns = self.gates * self.units
        return (2, columns) if self.reset_after else (columns,)

    def plain_cell(self) -> PlainCell:
        kind = GruCell if self.reset_after else GruResetBeforeCell
        return kind(resolved(self.activation), resolved(self.recurrent_activation))
