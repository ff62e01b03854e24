"""Adam (Kingma and Ba 2015) as Keras computes it."""

import numpy as np

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
