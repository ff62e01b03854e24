"""The activations of the default cells, as `Activation`: sigmoid, tanh and relu."""

import numpy as np

from hoiquy.nn.kernels.types import Array


class Sigmoid:
    """1 / (1 + exp(-x))."""

    def function(self, x: Array) -> Array:
        return sigmoid(x)

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * y * (1 - y))


class Tanh:
    """The hyperbolic tangent."""

    def function(self, x: Array) -> Array:
        return np.tanh(x)

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * ((1 - y) * (1 + y)))


class Relu:
    """max(x, 0)."""

    def function(self, x: Array) -> Array:
        return np.maximum(x, 0)

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * (y > 0))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written through tanh so that no argument overflows."""
    half = x.dtype.type(0.5)
    return half * np.tanh(half * x) + half
