"""Activations for compiled code, of one float32.

Comparisons let NaN pass. A gradient is computed from y, so what decides its error where y is nearly
constant is that of y: there it is rounded once.
"""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import inlined
from hoiquy.nn.kernels.fast.jit.exponential import split_exp

_F = np.float32
ONE = _F(1)
TWO = _F(2)
ZERO = _F(0)
_TANH_IS_ONE = _F(10)  # in float32 from 9.02 on
_SIGMOID_IS_ZERO = _F(87)
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
    size = abs(x)
    size = _SIGMOID_IS_ZERO if size > _SIGMOID_IS_ZERO else size
    p, s = split_exp(-size)
    t = s * p + s
    q = t / (ONE + t)
    return q if x < ZERO else ONE - q
