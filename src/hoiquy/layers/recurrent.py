"""SimpleRNN, LSTM and GRU: parameters in Keras' shapes and gate order around a kernel pair."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.initializers import glorot_uniform, orthogonal
from hoiquy.kernels import Array, Cell, Mask, RecurrentWeights, kernels_for
from hoiquy.layers.base import Backward, Gradients, Layer
from hoiquy.layers.dropout import keep_factors


@dataclass
class Recurrent(Layer):
    """What the three recurrent layers share; a subclass names its kernel pair and its gates.

    `dropout` drops inputs with one mask for a whole sequence, as Keras does (Gal and Ghahramani
    2016). With `return_sequences` the output is (time, batch, units), else (batch, units).
    """

    return_sequences: bool = False
    dropout: float = 0.0

    gates: ClassVar[int]
    kernel_pair: ClassVar[str]

    @classmethod
    def initial_parameters(
        cls, inputs: int, units: int, rng: Generator, dtype: DTypeLike
    ) -> dict[str, Array]:
        """Glorot-uniform kernel, orthogonal recurrent kernel, zero bias."""
        columns = cls.gates * units
        return {
            "kernel": glorot_uniform((inputs, columns), rng, dtype),
            "recurrent_kernel": orthogonal((units, columns), rng, dtype),
            "bias": np.zeros(columns, dtype),
        }

    @property
    def weights(self) -> RecurrentWeights:
        return RecurrentWeights(**self.parameters)

    @property
    def keeps_time(self) -> bool:
        return self.return_sequences

    def output_features(self, features: int) -> int:
        return self.weights.units

    def kernel_options(self) -> dict[str, Any]:
        """What the forward kernel takes beside x, weights and mask."""
        return {}

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        weights = self.weights
        cell: Cell = getattr(kernels_for(x.dtype), self.kernel_pair)
        factors = None
        if rng is not None and self.dropout > 0:
            factors = keep_factors(x.shape[1:], self.dropout, rng, x)
            x = x * factors
        hidden, saved = cell.forward(x, weights, mask, **self.kernel_options())

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            d_x, d_weights = cell.backward(d_y, weights, saved, want_d_x=self.wants_d_x)
            if d_x is not None and factors is not None:
                d_x = d_x * factors
            return d_x, d_weights._asdict()

        return (hidden if self.return_sequences else hidden[-1]), backward


@dataclass
class SimpleRNN(Recurrent):
    """h = activation(x W + h U + b)."""

    activation: str = "tanh"

    gates = 1
    kernel_pair = "simple_rnn"

    def kernel_options(self) -> dict[str, Any]:
        return {"activation": self.activation}


@dataclass
class LSTM(Recurrent):
    """Gates i f c o; the forget gate's bias starts at one (Jozefowicz et al. 2015)."""

    gates = 4
    kernel_pair = "lstm"

    @classmethod
    def initial_parameters(
        cls, inputs: int, units: int, rng: Generator, dtype: DTypeLike
    ) -> dict[str, Array]:
        parameters = super().initial_parameters(inputs, units, rng, dtype)
        parameters["bias"][units : 2 * units] = 1
        return parameters


@dataclass
class GRU(Recurrent):
    """Gates z r h, reset after the product, two biases: Keras' default."""

    gates = 3
    kernel_pair = "gru"

    @classmethod
    def initial_parameters(
        cls, inputs: int, units: int, rng: Generator, dtype: DTypeLike
    ) -> dict[str, Array]:
        parameters = super().initial_parameters(inputs, units, rng, dtype)
        parameters["bias"] = np.zeros((2, cls.gates * units), dtype)
        return parameters
