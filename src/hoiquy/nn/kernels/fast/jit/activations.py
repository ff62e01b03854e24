"""Activations for compiled code, of one float32.

Comparisons let NaN pass. A gradient is computed from y, so what decides its error where y is nearly
constant is that of y: there it is rounded once. `elementwise.py` has the loops.
"""

from typing import Any, NamedTuple

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import inlined
from hoiquy.nn.kernels.fast.jit.exponential import exp, expm1, log1p, split_exp


class Line(NamedTuple):
    """The numbers of an activation in straight pieces, float32; see `pieces`."""

    slope: Any
    offset: Any
    least: Any
    most: Any


_F = np.float32
ONE = _F(1)
TWO = _F(2)
ZERO = _F(0)
_TANH_IS_ONE = _F(10)  # in float32 from 9.02 on
_NEAR_ONE = _F(-0.75)


@inlined
def tanh(x: Any) -> Any:
    """The hyperbolic tangent, off by less than 1e-7 of it, and rounded once above 0.6."""
    size = abs(x)
    size = _TANH_IS_ONE if size > _TANH_IS_ONE else size
    p, s = split_exp(-TWO * size)
    m = s * p + (s - ONE)  # exp(-2 |x|) - 1
    near_one = m < _NEAR_ONE
    # Near 1 as 1 minus something small, near 0 as a quotient of what is small there.
    q = (TWO * (s * p + s) if near_one else -m) / (TWO + m)
    y = ONE - q if near_one else q
    return -y if x < ZERO else y


@inlined
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), off by less than 2e-7 of it, and rounded once above 0.6."""
    t = exp(-abs(x))
    q = t / (ONE + t)
    return q if x < ZERO else ONE - q


@inlined
def tanh_slope(y: Any) -> Any:
    """1 - y², where y * y would be rounded."""
    return (ONE - y) * (ONE + y)


@inlined
def sigmoid_slope(y: Any) -> Any:
    return y * (ONE - y)


@inlined
def softsign(x: Any) -> Any:
    return x / (ONE + abs(x))


@inlined
def scaled_elu(x: Any, scale: Any, below: Any) -> Any:
    """scale x above 0, below times (exp(x) - 1) under it."""
    bent = below * expm1(ZERO if x > ZERO else x)
    return scale * x if x > ZERO else bent


@inlined
def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    small = log1p(exp(-abs(x)))
    return x + small if x > ZERO else small


@inlined
def pieces(x: Any, line: Any) -> Any:
    """slope (x + offset), but at least least and at most most; line: `Line`."""
    y = line.slope * (x + line.offset)
    y = line.least if y < line.least else y
    return line.most if y > line.most else y


@inlined
def pieces_slope(y: Any, line: Any) -> Any:
    """The slope of `pieces` where it is y."""
    above = line.slope if y > line.least else ZERO
    return above if y < line.most else ZERO
