"""exp and log(1 + t) of one float32 as vector code: C functions take one number at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from hoiquy.nn.kernels.fast.jit.compiler import inlined

_F = np.float32
_ONE, _TWO = _F(1), _F(2)
_LEAST = _F(-87)
_LOG2_E, _LOG_2 = _F(1.44269504), _F(0.693147181)
# A float32 near 1.5 * 2^23 is a whole number, and its lowest bits are that number's.
_ROUNDS = _F(12582912)
_INT = ir.IntType(32)
_FRACTION_BITS, _BITS_OF_ONE = 23, 0x3F800000


def _power_of_two(typing_context: Any, rounded: Any) -> Any:
    """2^n for the float32 _ROUNDS + n, -126 <= n <= 127."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], _INT)
        exponent = builder.shl(bits, _INT(_FRACTION_BITS))
        return builder.bitcast(builder.add(exponent, _INT(_BITS_OF_ONE)), ir.FloatType())

    return types.float32(types.float32), generate


_power: Callable[[Any], Any] = intrinsic(_power_of_two)  # type: ignore[assignment]


@inlined
def split_exp(x: Any) -> Any:
    """(p, s) with exp(x) = s + s p, s a power of two and |p| < 0.42, for -87 <= x <= 88.

    p is exp(r) - 1 for the remainder r of x by log 2, to 2e-8 of it.
    """
    rounded = x * _LOG2_E + _ROUNDS
    r = x - (rounded - _ROUNDS) * _LOG_2
    p = _F(0.0013946486869826913)
    p = r * p + _F(0.00836661085486412)
    p = r * p + _F(0.04166628047823906)
    p = r * p + _F(0.1666654348373413)
    p = r * p + _F(0.5)
    return r + r * r * p, _power(rounded)


@inlined
def exp(x: Any) -> Any:
    """exp(x) for x <= 0, off by 1e-7 of it; 2e-38 below -87."""
    x = _LEAST if x < _LEAST else x
    p, s = split_exp(x)
    return s * p + s


@inlined
def expm1(x: Any) -> Any:
    """exp(x) - 1 for x <= 0, off by 1e-7 of it."""
    x = _LEAST if x < _LEAST else x
    p, s = split_exp(x)
    return s * p + (s - _ONE)


@inlined
def log1p(t: Any) -> Any:
    """log(1 + t) for 0 <= t <= 1, as twice the area tangent of t / (2 + t); off by 2e-7 of it."""
    a = t / (_TWO + t)
    u = a * a
    p = _F(0.14015649259090424)
    p = u * p + _F(0.13998928666114807)
    p = u * p + _F(0.2001088559627533)
    p = u * p + _F(0.3333320617675781)
    return _TWO * (a + a * u * p)
