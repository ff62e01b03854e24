"""Dense: activation(x W + b)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.activations import Activation, activation_of
from hoiquy.nn.initializers import GlorotUniform, Initializer, Zeros
from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers.base import (
    Backward,
    Gradients,
    Layer,
    Shape,
    known_features,
)

NORMALIZING = ("sigmoid", "softmax")  # activations that turn logits into probabilities


@dataclass
class Dense(Layer):
    """(..., inputs) → (..., units). The output layer of a recipe's model is linear."""

    units: int = 0
    activation: str | Activation = "linear"
    use_bias: bool = True
    kernel_initializer: Initializer = field(default_factory=GlorotUniform)
    bias_initializer: Initializer = field(default_factory=Zeros)

    @classmethod
    def create(
        cls, name: str, inputs: int, units: int, activation: str, rng: Generator, dtype: DTypeLike
    ) -> "Dense":
        layer = cls(name, units=units, activation=activation)
        layer.build([(None, inputs)], rng, dtype)
        return layer

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        kernel_shape = (known_features(self, shapes[0]), self.units)
        self.add_parameter("kernel", kernel_shape, self.kernel_initializer, rng, dtype)
        if self.use_bias:
            self.add_parameter("bias", (self.units,), self.bias_initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        inputs = known_features(self, shapes[0])
        kernel = self.parameters.get("kernel")
        if kernel is not None and len(kernel) != inputs:
            raise self.refuse_shape(shapes[0], f"a last dimension of {len(kernel)}")
        return ((*shapes[0][:-1], self.units),)

    @property
    def final_activation(self) -> str | None:
        return self.activation if isinstance(self.activation, str) else None

    def logits_layer(self) -> "Dense | None":
        return replace(self, activation="linear") if self.activation in NORMALIZING else None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        kernel, activation = self.parameters["kernel"], activation_of(self.activation)
        bias = self.parameters.get("bias", np.zeros(kernel.shape[1], kernel.dtype))
        flat, unflat = row_order(x)
        rows = np.asarray(flat(x), kernel.dtype)
        sums = kernels_for(kernel.dtype).affine(rows, kernel, bias)
        flat_y, unflat_y = flat, unflat
        if not activation.by_row:  # it gets the steps of each sequence together
            sums, flat_y, unflat_y = unflat(sums), _same, _same
        y = activation.function(sums)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_sums = activation.gradient(flat_y(d_y), sums, y)
            if not activation.by_row:
                d_sums = flat(d_sums)
            gradients: Gradients = {"kernel": rows.T @ d_sums}
            if self.use_bias:
                gradients["bias"] = d_sums.sum(axis=0)
            return unflat(d_sums @ kernel.T), gradients

        return unflat_y(y), backward


def _same(array: Array) -> Array:
    return array


def row_order(x: Array) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """How arrays of x's leading dimensions become rows (rows, features), and how they return.

    The rows are in the order of x's memory, so that x is not copied if that is contiguous.
    """
    if x.ndim == 2:
        return (lambda array: array), (lambda rows: rows)
    if x.ndim == 3 and not x.flags.c_contiguous:
        leading = x.swapaxes(0, 1).shape[:-1]
        return (
            lambda array: array.swapaxes(0, 1).reshape(-1, array.shape[-1]),
            lambda rows: rows.reshape(*leading, rows.shape[-1]).swapaxes(0, 1),
        )
    leading = x.shape[:-1]
    return (
        lambda array: array.reshape(-1, array.shape[-1]),
        lambda rows: rows.reshape(*leading, rows.shape[-1]),
    )
