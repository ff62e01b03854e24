"""Dropout, fast: one pass over memory; `hoiquy.nn.kernels.plain.dropout` is its definition."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.activations import ZERO
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.fast.compiler import compiled
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def dropout(x: Array, bits: NDArray[np.uint16], threshold: int, scale: float) -> Array:
    """As `plain.dropout.dropout`, for float32. Raises ShapeError."""
    if x.shape != bits.shape or x.dtype != np.float32 or bits.dtype != np.uint16:
        raise ShapeError(f"bits {bits.shape} {bits.dtype} do not fit x {x.shape} {x.dtype}")
    out = work_array(*x.shape)
    flat = (in_rows(array).reshape(-1) for array in (x, bits))
    _keep(*flat, np.uint16(threshold), np.float32(scale), out.reshape(-1))
    return out


@compiled
def _keep(x: Any, bits: Any, threshold: Any, scale: Any, out: Any) -> None:
    for j in range(x.size):
        out[j] = x[j] * (scale if bits[j] >= threshold else ZERO)
