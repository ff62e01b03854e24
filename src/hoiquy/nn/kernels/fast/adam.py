"""Adam, fast: one pass over memory; `hoiquy.nn.kernels.plain.adam` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.types import Array


def adam_update(
    parameter: Array, gradient: Array, first: Array, second: Array, step_size: float,
    beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    """As `plain.adam.adam_update`, for float32, in place. Raises ShapeError."""
    arrays = (parameter, gradient, first, second)
    if any(a.shape != parameter.shape or a.dtype != np.float32 for a in arrays):
        raise ShapeError(f"Adam takes float32 of one shape, got {[a.shape for a in arrays]}")
    numbers = (step_size, 1 - beta_1, 1 - beta_2, epsilon)
    # Compiled code takes contiguous memory: a strided array is updated in a copy.
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    compiled.adam_update(*flat, *numbers)
    for array, updated in zip(arrays, flat, strict=True):
        if array is not gradient and not array.flags.c_contiguous:
            array[...] = updated.reshape(array.shape)


def adam_update_rows(
    parameter: Array, first: Array, second: Array, gradient: Array, rows: NDArray[np.int64],
    step_size: float, beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    """As `plain.adam.adam_update_rows`, for contiguous float32, in place. Raises ShapeError."""
    arrays = (parameter, first, second)
    fits = gradient.shape == (len(rows), *parameter.shape[1:]) and parameter.ndim == 2
    if not fits or any(a.shape != parameter.shape for a in arrays):
        shapes = [a.shape for a in (*arrays, gradient, rows)]
        raise ShapeError(f"Adam takes rows of tables of one shape, got {shapes}")
    if len(rows) and not 0 <= rows.min() <= rows.max() < len(parameter):
        raise ShapeError(f"rows {rows.min()}..{rows.max()}: expected 0..{len(parameter) - 1}")
    numbers = (step_size, 1 - beta_1, 1 - beta_2, epsilon)
    compiled.adam_update_rows(*arrays, gradient, rows, *numbers)
