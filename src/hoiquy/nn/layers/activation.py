"""Activation functions as layers: Activation by name, and Softmax over any axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.activations import Activation as ActivationFunction
from hoiquy.nn.activations import activation_of
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.dense import NORMALIZING
from hoiquy.nn.layers.layer_normalization import Axes, check_axes


@dataclass
class Activation(Layer):
    """An activation function by its name in Keras."""

    activation: str | ActivationFunction = "linear"

    @property
    def couples_rows(self) -> bool:
        return not activation_of(self.activation).by_row

    @property
    def couples_rows_at_inference(self) -> bool:
        return self.couples_rows

    @property
    def final_activation(self) -> str | None:
        return self.activation if isinstance(self.activation, str) else None

    def logits_layer(self) -> "Activation | None":
        return Activation(self.name) if self.activation in NORMALIZING else None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        activation = activation_of(self.activation)
        y = activation.function(x)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            return activation.gradient(d_y, x, y), {}

        return y, backward


@dataclass
class Softmax(Layer):
    """exp(x) / sum of exp(x) over the axes.

    A mask of x's shape leaves values out of the sum and makes them 0, as in Keras; one of the steps
    is passed on.
    """

    axis: Axes = -1

    @property
    def final_activation(self) -> str | None:
        return "softmax" if self.axis in (-1, (-1,)) else None

    def logits_layer(self) -> Activation | None:
        return Activation(self.name) if self.final_activation else None

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        check_axes(self, shapes[0], self.axis)
        return (shapes[0],)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        axis = self.axis
        whole = mask is not None and mask.shape == x.shape
        counted = np.where(mask, x, np.finfo(x.dtype).min) if mask is not None and whole else x
        powers = np.exp(counted - counted.max(axis=axis, keepdims=True))
        y = powers / powers.sum(axis=axis, keepdims=True)
        if mask is not None and whole:
            y = np.where(mask, y, y.dtype.type(0))

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            return y * (d_y - (d_y * y).sum(axis=axis, keepdims=True)), {}

        return y, backward
