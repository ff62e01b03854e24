"""One update of Adam; called by `hoiquy.nn.kernels.fast.adam`."""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def adam_update(
    parameter: Any, gradient: Any, first: Any, second: Any, step_size: Any, rate_1: Any,
    rate_2: Any, epsilon: Any,
) -> None:  # fmt: skip
    for j in range(parameter.size):
        g = gradient[j]
        first[j] += (g - first[j]) * rate_1
        second[j] += (g * g - second[j]) * rate_2
        parameter[j] -= first[j] * step_size / (np.sqrt(second[j]) + epsilon)


@compiled
def adam_update_rows(
    parameter: Any, first: Any, second: Any, gradient: Any, rows: Any, step_size: Any, rate_1: Any,
    rate_2: Any, epsilon: Any,
) -> None:  # fmt: skip
    for i in range(rows.size):
        r = rows[i]
        adam_update(
            parameter[r], gradient[i], first[r], second[r], step_size, rate_1, rate_2, epsilon
        )
