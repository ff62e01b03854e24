"""Activations of the recurrent cells."""

import numpy as np

from hoiquy.nn.kernels.types import Array


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written through tanh so that no argument overflows."""
    half = x.dtype.type(0.5)
    return half * np.tanh(half * x) + half
