"""Window maxima, fast; `hoiquy.nn.kernels.plain.window_maxima` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def window_maxima(
    indices: NDArray[np.int32], table: Array, windows: int, stride: int = 1, dilation: int = 1
) -> Array:
    """As `plain.window_maxima.window_maxima`, for float32. Raises ShapeError."""
    if indices.ndim != 2 or table.ndim != 3 or table.dtype != np.float32 or min(table.shape) < 1:
        raise ShapeError(f"indices {indices.shape} do not fit a table {table.shape} {table.dtype}")
    _, steps, channels = table.shape
    reach = (windows - 1) * stride + (steps - 1) * dilation + 1
    if min(windows, stride, dilation) < 1 or reach > len(indices):
        raise ShapeError(
            f"{windows} windows, each of {steps} steps, reach {reach} steps of {len(indices)}"
        )
    if indices.size and not 0 <= indices.min() <= indices.max() < len(table):
        raise ShapeError(f"indices {indices.min()}..{indices.max()}: expected 0..{len(table) - 1}")
    maxima = work_array(indices.shape[1], channels)
    compiled.window_maxima(
        np.ascontiguousarray(indices, np.int32), in_rows(table), windows, stride, dilation,
        work_array(channels), maxima,
    )  # fmt: skip
    return maxima
