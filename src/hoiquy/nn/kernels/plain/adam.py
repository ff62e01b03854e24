"""Adam (Kingma and Ba 2015) as Keras computes it."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def adam_update(
    parameter: Array, gradient: Array, first: Array, second: Array, step_size: float,
    beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    """Update parameter, first and second moment in place.

    step_size is lr * sqrt(1 - beta_2^t) / (1 - beta_1^t); epsilon is added to the square root of
    the uncorrected second moment (Keras' Adam, not the paper's algorithm 1 but its section 2).
    """
    kind = parameter.dtype.type
    first += (gradient - first) * kind(1 - beta_1)
    second += (gradient * gradient - second) * kind(1 - beta_2)
    parameter -= first * kind(step_size) / (np.sqrt(second) + kind(epsilon))


def adam_update_rows(
    parameter: Array, first: Array, second: Array, gradient: Array, rows: NDArray[np.int64],
    step_size: float, beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    """`adam_update` of some distinct rows, given their gradients (rows, units)."""
    parts = [array[rows] for array in (parameter, first, second)]
    adam_update(parts[0], gradient, parts[1], parts[2], step_size, beta_1, beta_2, epsilon)
    for array, updated in zip((parameter, first, second), parts, strict=True):
        array[rows] = updated
