"""Dense: activation(x W + b)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import glorot_uniform
from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape


@dataclass
class Dense(Layer):
    """(..., inputs) → (..., units). `Model.output` applies a sigmoid or softmax."""

    activation: str = "linear"

    @classmethod
    def create(
        cls, name: str, inputs: int, units: int, activation: str, rng: Generator, dtype: DTypeLike
    ) -> "Dense":
        parameters = {
            "kernel": glorot_uniform((inputs, units), rng, dtype),
            "bias": np.zeros(units, dtype),
        }
        return cls(name, parameters, activation=activation)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((*shapes[0][:-1], self.parameters["kernel"].shape[1]),)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        kernel = self.parameters["kernel"]
        y = kernels_for(x.dtype).affine(x, kernel, self.parameters["bias"])
        if self.activation == "relu":
            y = np.maximum(y, 0)
        elif self.activation == "tanh":
            y = np.tanh(y)
        activation = self.activation

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            if activation == "relu":
                d_y = d_y * (y > 0)
            elif activation == "tanh":
                d_y = d_y * (1 - y * y)
            return d_y @ kernel.T, {"kernel": x.T @ d_y, "bias": d_y.sum(axis=0)}

        return y, backward
