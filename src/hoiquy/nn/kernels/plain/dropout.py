"""Dropout of independent numbers, from random bits."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def dropout(x: Array, bits: NDArray[np.uint16], threshold: int, scale: float) -> Array:
    """x * scale where bits >= threshold, else 0; for values and gradients. bits: shape of x."""
    kept = np.where(bits >= threshold, x.dtype.type(scale), x.dtype.type(0))
    return np.asarray(x * kept)
