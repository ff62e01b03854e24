"""The rate of NumPy's float32 matrix product, with all threads: what the machine can do."""

from collections.abc import Callable
from typing import Any

import numpy as np


def versions() -> dict[str, str]:
    return {"numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[Callable[[], None], None]:
    """task: size, of the square matrices."""
    size = task["size"]
    rng = np.random.default_rng(0)
    a = rng.standard_normal((size, size), np.float32)
    b = rng.standard_normal((size, size), np.float32)
    out = np.empty_like(a)

    def step() -> None:
        np.dot(a, b, out=out)

    return step, None
