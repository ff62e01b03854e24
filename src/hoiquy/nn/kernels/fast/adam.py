"""Adam, fast: one pass over memory; `hoiquy.nn.kernels.plain.adam` is its definition."""

from typing import Any

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.compiler import compiled
from hoiquy.nn.kernels.types import Array


def adam_update(
    parameter: Array, gradient: Array, first: Array, second: Array, step_size: float,
    beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    """As `plain.adam.adam_update`, for float32, in place. Raises ShapeError."""
    arrays = (parameter, gradient, first, second)
    if any(a.shape != parameter.shape or a.dtype != np.float32 for a in arrays):
        raise ShapeError(f"Adam takes float32 of one shape, got {[a.shape for a in arrays]}")
    numbers = (np.float32(n) for n in (step_size, 1 - beta_1, 1 - beta_2, epsilon))
    # Compiled code takes contiguous memory: a strided array is updated in a copy.
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    _update(*flat, *numbers)
    for array, updated in zip(arrays, flat, strict=True):
        if array is not gradient and not array.flags.c_contiguous:
            array[...] = updated.reshape(array.shape)


@compiled
def _update(
    parameter: Any, gradient: Any, first: Any, second: Any, step_size: Any, rate_1: Any,
    rate_2: Any, epsilon: Any,
) -> None:  # fmt: skip
    for j in range(parameter.size):
        g = gradient[j]
        first[j] += (g - first[j]) * rate_1
        second[j] += (g * g - second[j]) * rate_2
        parameter[j] -= first[j] * step_size / (np.sqrt(second[j]) + epsilon)
