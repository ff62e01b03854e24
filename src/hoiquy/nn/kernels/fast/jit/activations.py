"""Activations for compiled code, of one float32."""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import inlined

_F = np.float32
ONE = _F(1)
HALF = _F(0.5)
ZERO = _F(0)
_LARGEST = _F(7.90531110763549805)  # beyond it tanh is 1 in float32


@inlined
def tanh(x: Any) -> Any:
    """tanh by the rational approximation that Eigen uses (13th over 6th degree), ~1e-7 accurate.

    The comparisons let NaN pass.
    """
    x = _LARGEST if x > _LARGEST else x
    x = -_LARGEST if x < -_LARGEST else x
    s = x * x
    p = _F(-2.76076847742355e-16)
    p = s * p + _F(2.00018790482477e-13)
    p = s * p + _F(-8.60467152213735e-11)
    p = s * p + _F(5.12229709037114e-08)
    p = s * p + _F(1.48572235717979e-05)
    p = s * p + _F(6.37261928875436e-04)
    p = s * p + _F(4.89352455891786e-03)
    q = _F(1.19825839466702e-06)
    q = s * q + _F(1.18534705686654e-04)
    q = s * q + _F(2.26843463243900e-03)
    q = s * q + _F(4.89352518554385e-03)
    return x * p / q


@inlined
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) through tanh."""
    return HALF * tanh(HALF * x) + HALF
