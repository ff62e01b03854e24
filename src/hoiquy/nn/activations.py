"""Activation functions by Keras' names, each with its gradient."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hoiquy.errors import InputError
from hoiquy.nn.kernels import Array


class Activation(NamedTuple):
    """function: x → y. gradient: (d_y, x, y) → d_x."""

    function: Callable[[Array], Array]
    gradient: Callable[[Array, Array, Array], Array]


def _sigmoid(x: Array) -> Array:
    half = x.dtype.type(0.5)
    return half * np.tanh(half * x) + half


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


_TABLE = {
    "linear": Activation(lambda x: x, lambda d_y, x, y: d_y),
    "relu": Activation(lambda x: np.maximum(x, 0), lambda d_y, x, y: d_y * (y > 0)),
    "tanh": Activation(np.tanh, lambda d_y, x, y: d_y * (1 - y * y)),
    "sigmoid": Activation(_sigmoid, lambda d_y, x, y: d_y * y * (1 - y)),
    "softmax": Activation(
        _softmax, lambda d_y, x, y: y * (d_y - (d_y * y).sum(axis=-1, keepdims=True))
    ),
}


def activation_of(name: str) -> Activation:
    """The activation of this name. Raises InputError."""
    if name not in _TABLE:
        raise InputError(f"activation {name!r}: expected one of {', '.join(_TABLE)}")
    return _TABLE[name]
