"""Convert between the row-major arrays of layers and the blocked layout of the fast kernels.

(time, batch, features) becomes [time][block of 8 features][row][8], padded with zeros to whole
blocks and to the rows of the target. Input dropout is applied in both directions: every number is
multiplied by its factor, which is 1 without dropout.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.types import Array


def no_factors(batch: int, features: int) -> Array:
    """Factors of 1."""
    return np.ones((batch, features), np.float32)


def in_rows(array: NDArray[Any]) -> NDArray[Any]:
    """The array contiguous, as compiled code takes it."""
    return np.ascontiguousarray(array)


def block(x: Array, factors: Array, out: Array) -> None:
    """out = x (time, batch, features) times factors (batch, features) at every step."""
    compiled.block(x, factors, out)


def unblock(blocked: Array, factors: Array, out: Array) -> None:
    """The inverse of `block` without the padding, times the factors again."""
    compiled.unblock(blocked, factors, out)
