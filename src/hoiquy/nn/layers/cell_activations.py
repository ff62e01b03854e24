"""Activations of recurrent cells by Keras' names."""

import numpy as np

from hoiquy.errors import InputError
from hoiquy.nn.kernels import Activation, Array
from hoiquy.nn.kernels.plain.activations import Relu, Sigmoid, Tanh


class Linear:
    """x itself."""

    def function(self, x: Array) -> Array:
        return x

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return d_y


class HardSigmoid:
    """relu6(x + 3) / 6, Keras 3's hard_sigmoid."""

    def function(self, x: Array) -> Array:
        return np.asarray(np.clip(x + 3, 0, 6) / x.dtype.type(6))

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * ((x > -3) & (x < 3)) / x.dtype.type(6))


class Softsign:
    """x / (1 + |x|)."""

    def function(self, x: Array) -> Array:
        return np.asarray(x / (1 + np.abs(x)))

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y / np.square(1 + np.abs(x)))


class Softmax:
    """exp(x) over its sum along the last axis."""

    def function(self, x: Array) -> Array:
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

    def gradient(self, d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(y * (d_y - (d_y * y).sum(axis=-1, keepdims=True)))


_BY_NAME: dict[str, Activation] = {
    "linear": Linear(), "relu": Relu(), "sigmoid": Sigmoid(), "tanh": Tanh(),
    "hard_sigmoid": HardSigmoid(), "softsign": Softsign(), "softmax": Softmax(),
}  # fmt: skip


def activation_of(name: str) -> Activation:
    """The activation of a name. Raises InputError."""
    if name not in _BY_NAME:
        raise InputError(f"activation {name!r} is unknown: choose one of {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
