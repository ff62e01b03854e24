"""Activations of flat arrays, and their slopes.

The number of an activation chooses one loop, so that every loop is vector code. An array is
changed in place: loops over two arrays that may be one are not turned into it.
"""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.activations import (
    ONE,
    ZERO,
    Line,
    pieces,
    pieces_slope,
    scaled_elu,
    sigmoid,
    sigmoid_slope,
    softplus,
    softsign,
    tanh,
    tanh_slope,
)
from hoiquy.nn.kernels.fast.jit.compiler import compiled
from hoiquy.nn.kernels.fast.jit.exponential import expm1
from hoiquy.nn.kernels.fast.operands import (
    ELU,
    HARD_SIGMOID,
    HARD_TANH,
    LEAKY_RELU,
    LINEAR,
    RELU6,
    SELU,
    SIGMOID,
    SOFTPLUS,
    SOFTSIGN,
    TANH,
)

_F = np.float32
_INFINITY, _SIXTH, _THREE, _SIX, _LEAKY = _F(np.inf), _F(1 / 6), _F(3), _F(6), _F(0.2)
_SELU_SCALE = _F(1.0507009873554805)  # Klambauer et al. 2017
_SELU_BELOW = _F(1.0507009873554805 * 1.6732632423543772)  # the scale times alpha


@compiled
def activate(kind: Any, y: Any) -> None:
    """y = activation(y)."""
    if kind == TANH:
        for j in range(y.size):
            y[j] = tanh(y[j])
    elif kind == SIGMOID:
        for j in range(y.size):
            y[j] = sigmoid(y[j])
    elif kind == SOFTSIGN:
        for j in range(y.size):
            y[j] = softsign(y[j])
    elif kind == SOFTPLUS:
        for j in range(y.size):
            y[j] = softplus(y[j])
    elif kind in (ELU, SELU):
        scale, below = _of_elu(kind)
        for j in range(y.size):
            y[j] = scaled_elu(y[j], scale, below)
    elif kind == LEAKY_RELU:
        for j in range(y.size):
            y[j] = _LEAKY * y[j] if y[j] < ZERO else y[j]
    elif kind != LINEAR:
        line = _line(kind)
        for j in range(y.size):
            y[j] = pieces(y[j], line)


@compiled
def slopes(kind: Any, y: Any, out: Any) -> None:
    """out = the derivative of the activation where its value is y; the arrays do not overlap."""
    if kind == TANH:
        for j in range(y.size):
            out[j] = tanh_slope(y[j])
    elif kind == SIGMOID:
        for j in range(y.size):
            out[j] = sigmoid_slope(y[j])
    elif kind == SOFTSIGN:
        for j in range(y.size):
            out[j] = (ONE - abs(y[j])) * (ONE - abs(y[j]))
    elif kind == SOFTPLUS:
        for j in range(y.size):
            out[j] = -expm1(-y[j])  # the sigmoid of the sum
    elif kind in (ELU, SELU):
        scale, below = _of_elu(kind)
        for j in range(y.size):
            out[j] = scale if y[j] > ZERO else y[j] + below
    elif kind == LEAKY_RELU:
        for j in range(y.size):
            out[j] = ONE if y[j] > ZERO else _LEAKY
    else:
        line = _line(kind)
        for j in range(y.size):
            out[j] = pieces_slope(y[j], line)


@compiled
def _of_elu(kind: Any) -> Any:
    """The slope above 0, and how far below 0 the values reach."""
    return (_SELU_SCALE, _SELU_BELOW) if kind == SELU else (ONE, ONE)


@compiled
def _line(kind: Any) -> Any:
    """The pieces of an activation."""
    line = Line(ONE, ZERO, ZERO, _INFINITY)
    if kind == LINEAR:
        line = Line(ONE, ZERO, -_INFINITY, _INFINITY)
    elif kind == RELU6:
        line = Line(ONE, ZERO, ZERO, _SIX)
    elif kind == HARD_TANH:
        line = Line(ONE, ZERO, -ONE, ONE)
    elif kind == HARD_SIGMOID:
        line = Line(_SIXTH, _THREE, ZERO, ONE)
    return line
