"""Smooth activations of single entries."""

import math

import numpy as np

from hoiquy.nn.activations.base import Activation
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.output import sigmoid
from hoiquy.nn.special_functions import erf

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017


def _softplus(x: Array) -> Array:
    """log(1 + exp(x)) without overflow."""
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def _tanh_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(d_y * ((1 - y) * (1 + y)))


def _sigmoid_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return d_y * y * (1 - y)


def _silu(x: Array) -> Array:
    return x * sigmoid(x)


def _silu_gradient(d_y: Array, x: Array, y: Array) -> Array:
    gate = sigmoid(x)
    return d_y * (gate + y * (1 - gate))


def _mish(x: Array) -> Array:
    return np.asarray(x * np.tanh(_softplus(x)))


def _mish_gradient(d_y: Array, x: Array, y: Array) -> Array:
    bent = np.tanh(_softplus(x))
    return np.asarray(d_y * (bent + x * (1 - bent * bent) * sigmoid(x)))


def _softsign(x: Array) -> Array:
    return np.asarray(x / (1 + np.abs(x)))


def _softsign_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(d_y / np.square(1 + np.abs(x)))


def _tanh_shrink_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(d_y * np.square(np.tanh(x)))


def squareplus(b: float = 4.0) -> Activation:
    """(x + √(x² + b)) / 2."""

    def function(x: Array) -> Array:
        return np.asarray((x + np.sqrt(x * x + x.dtype.type(b))) / 2)

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * (1 + x / np.sqrt(x * x + x.dtype.type(b))) / 2)

    return Activation("squareplus", function, gradient)


def elu(alpha: float = 1.0) -> Activation:
    """x, or alpha (exp(x) - 1) below 0 (Clevert et al. 2016)."""
    return _scaled_elu("elu", alpha, 1.0)


def _scaled_elu(name: str, alpha: float, scale: float) -> Activation:
    def function(x: Array) -> Array:
        kind = x.dtype.type
        below = kind(alpha) * np.expm1(np.minimum(x, 0))
        return np.asarray(kind(scale) * np.where(x > 0, x, below))

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        kind = x.dtype.type
        below = kind(alpha) * np.exp(np.minimum(x, 0))
        return np.asarray(d_y * kind(scale) * np.where(x > 0, kind(1), below))

    return Activation(name, function, gradient)


def celu(alpha: float = 1.0) -> Activation:
    """x, or alpha (exp(x / alpha) - 1) below 0 (Barron 2017)."""

    def function(x: Array) -> Array:
        kind = x.dtype.type
        return np.asarray(np.maximum(x, 0) + kind(alpha) * np.expm1(np.minimum(x, 0) / kind(alpha)))

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        return np.asarray(d_y * np.exp(np.minimum(x, 0) / x.dtype.type(alpha)))

    return Activation("celu", function, gradient)


def gelu(approximate: bool = False) -> Activation:
    """x Φ(x), Φ the normal distribution, or an approximation by tanh (Hendrycks 2016)."""
    return Activation("gelu", *((_near_gelu, _near_gelu_gradient) if approximate else _GELU))


def _normal(x: Array) -> Array:
    return np.asarray((1 + erf(x * x.dtype.type(math.sqrt(0.5)))) / 2)


def _gelu(x: Array) -> Array:
    return x * _normal(x)


def _gelu_gradient(d_y: Array, x: Array, y: Array) -> Array:
    density = np.exp(-x * x / 2) * x.dtype.type(1 / math.sqrt(2 * math.pi))
    return np.asarray(d_y * (_normal(x) + x * density))


_GELU = _gelu, _gelu_gradient
_NEAR = math.sqrt(2 / math.pi)


def _near_gelu(x: Array) -> Array:
    return np.asarray(x * (1 + np.tanh(_NEAR * (x + 0.044715 * x * x * x))) / 2)


def _near_gelu_gradient(d_y: Array, x: Array, y: Array) -> Array:
    bent = np.tanh(_NEAR * (x + 0.044715 * x * x * x))
    inner = _NEAR * (1 + 3 * 0.044715 * x * x)
    return np.asarray(d_y * (1 + bent + x * (1 - bent * bent) * inner) / 2)


SMOOTH = (
    Activation("tanh", lambda x: np.asarray(np.tanh(x)), _tanh_gradient),
    Activation("sigmoid", sigmoid, _sigmoid_gradient),
    Activation("exponential", lambda x: np.asarray(np.exp(x)), lambda d_y, x, y: d_y * y),
    Activation("softplus", _softplus, lambda d_y, x, y: d_y * sigmoid(x)),
    Activation("log_sigmoid", lambda x: -_softplus(-x), lambda d_y, x, y: d_y * sigmoid(-x)),
    Activation("softsign", _softsign, _softsign_gradient),
    Activation("silu", _silu, _silu_gradient),
    Activation("mish", _mish, _mish_gradient),
    Activation("tanh_shrink", lambda x: np.asarray(x - np.tanh(x)), _tanh_shrink_gradient),
    _scaled_elu("selu", SELU_ALPHA, SELU_SCALE),
    elu(),
    celu(),
    gelu(),
    squareplus(),
)
