"""x W + b, the sum of a dense layer."""

import numpy as np

from hoiquy.nn.kernels.types import Array


def affine(x: Array, kernel: Array, bias: Array) -> Array:
    """(rows, inputs), (inputs, units), (units,) → (rows, units)."""
    return np.asarray(x @ kernel + bias)
