"""Dropout of every number on its own, from random bits."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def dropout(x: Array, bits: NDArray[np.uint16], threshold: int, scale: float) -> Array:
    """x * scale where bits >= threshold, else 0; for the values and for their gradients.

    x and bits have one shape. The dtype is that of x.
    """
    kept = np.where(bits >= threshold, x.dtype.type(scale), x.dtype.type(0))
    return np.asarray(x * kept)
