"""Dropout, fast: one pass over memory; `hoiquy.nn.kernels.plain.dropout` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def dropout(x: Array, bits: NDArray[np.uint16], threshold: int, scale: float) -> Array:
    """As `plain.dropout.dropout`, for float32. Raises ShapeError."""
    if x.shape != bits.shape or x.dtype != np.float32 or bits.dtype != np.uint16:
        raise ShapeError(f"bits {bits.shape} {bits.dtype} do not fit x {x.shape} {x.dtype}")
    out = work_array(*x.shape)
    flat = (in_rows(array).reshape(-1) for array in (x, bits))
    compiled.dropout(*flat, threshold, scale, out.reshape(-1))
    return out
