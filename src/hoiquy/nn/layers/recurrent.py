"""SimpleRNN, LSTM and GRU layers: parameters in Keras' shapes and gate order around a kernel.

The arithmetic is in the kernels. A cell is defined, forward and backward, in
`nn/kernels/plain/simple_rnn.py`, `lstm.py` and `gru.py`; the compiled steps are in the files of the
same names in `nn/kernels/fast`. "Adding a recurrent cell" in docs/architecture.md lists the places
that know the cells.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import glorot_uniform, orthogonal
from hoiquy.nn.kernels import (
    Array,
    Lookup,
    Mask,
    RecurrentKernel,
    RecurrentWeights,
    State,
    kernels_for,
)
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.dropout import dropout_factors


@dataclass
class Recurrent(Layer):
    """The base class of recurrent layers; a subclass names its kernel and its number of gates.

    return_sequences: the output is (batch, time, units) instead of (batch, units).
    dropout: the rate of dropped inputs, with one mask for a whole sequence as in Keras (Gal and
        Ghahramani 2016).
    """

    return_sequences: bool = False
    dropout: float = 0.0

    gates: ClassVar[int]

    @property
    @abstractmethod
    def kernel_name(self) -> str:
        """The kernel's name in `Kernels`."""

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

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        batch, time, _ = shapes[0]
        units = self.weights.units
        return ((batch, time, units) if self.return_sequences else (batch, units),)

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return mask if self.return_sequences else None

    def kernel_for(self, dtype: DTypeLike) -> RecurrentKernel:
        """The kernel of this layer for arrays of this dtype."""
        kernel: RecurrentKernel = getattr(kernels_for(dtype), self.kernel_name)
        return kernel

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        weights, kernel = self.weights, self.kernel_for(x.dtype)
        factors = None
        if rng is not None and self.dropout > 0:
            factors = dropout_factors((len(x), x.shape[-1]), self.dropout, rng, x)
        y, saved = kernel.forward(
            swapped(x), weights, swapped_mask(mask), factors=factors,
            sequences=self.return_sequences,
        )  # fmt: skip

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            d_x, d_weights, _ = kernel.backward(
                swapped(d_y), weights, saved, want_d_x=self.wants_d_x
            )
            return None if d_x is None else swapped(d_x), d_weights._asdict()

        return swapped(y), backward

    def inference(self, embeddings: Array | None = None) -> "RecurrentInference":
        """As `Layer.inference`; with `embeddings` (rows, inputs), x is (batch, time) indices."""
        kernel = self.kernel_for(self.weights.kernel.dtype)
        prepared = kernel.prepare(self.weights)
        table = None if embeddings is None else kernel.project(prepared, embeddings)
        return RecurrentInference(kernel, prepared, table, self.return_sequences)


@dataclass(frozen=True)
class RecurrentInference:
    """A recurrent layer at inference, from any initial states."""

    kernel: RecurrentKernel
    prepared: Any
    table: Array | None
    return_sequences: bool

    def __call__(self, x: Any, mask: Mask | None = None, initial: State | None = None) -> Array:
        """(batch, time, features), or indices if there is a table → hidden states."""
        y, _ = self.kernel.infer(
            self._kernel_input(x), self.prepared, swapped_mask(mask), initial,
            self.return_sequences,
        )  # fmt: skip
        return swapped(y)

    def all_states(self, x: Any) -> tuple[Array, State]:
        """Hidden states, and the states before every step and after the last one, time first."""
        y, states = self.kernel.infer(self._kernel_input(x), self.prepared, sequences=True)
        return swapped(y), states

    def _kernel_input(self, x: Any) -> Any:
        return swapped(x) if self.table is None else Lookup(x.T, self.table)


def swapped(x: Array) -> Array:
    """Batch-first sequences as time-first ones, as kernels take them, or back; a view."""
    return x.swapaxes(0, 1) if x.ndim > 2 else x


def swapped_mask(mask: Mask | None) -> Mask | None:
    """A (batch, time) mask as (time, batch), or back."""
    return None if mask is None else mask.T


@dataclass
class SimpleRNN(Recurrent):
    """h = activation(x W + h U + b)."""

    activation: str = "tanh"

    gates = 1

    @property
    def kernel_name(self) -> str:
        return f"simple_rnn_{self.activation}"


@dataclass
class LSTM(Recurrent):
    """Gates i f c o; the forget gate's bias starts at one (Jozefowicz et al. 2015)."""

    gates = 4

    @property
    def kernel_name(self) -> str:
        return "lstm"

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

    @property
    def kernel_name(self) -> str:
        return "gru"

    @classmethod
    def initial_parameters(
        cls, inputs: int, units: int, rng: Generator, dtype: DTypeLike
    ) -> dict[str, Array]:
        parameters = super().initial_parameters(inputs, units, rng, dtype)
        parameters["bias"] = np.zeros((2, cls.gates * units), dtype)
        return parameters
