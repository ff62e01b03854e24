"""Comparisons and logic; their results have no derivative."""

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np

from hoiquy.keras.values.operation import Operation, operation

__all__ = [
    "equal", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "not_equal",
]  # fmt: skip


def _comparison(name: str) -> Operation:
    function: Callable[[Any, Any], Any] = getattr(anp, name)

    def compute(x1: Any, x2: Any) -> Any:
        return function(x1, x2)

    compute.__name__ = name
    compute.__doc__ = f"`{name}` of pairs of numbers: True or False."
    return operation("x1", "x2", by_row=True)(compute)


def _question(name: str) -> Operation:
    function: Callable[[Any], Any] = getattr(anp, name)

    def compute(x: Any) -> Any:
        return function(x)

    compute.__name__ = name
    compute.__doc__ = f"`{name}` of each number: True or False."
    return operation("x", by_row=True)(compute)


equal, not_equal = _comparison("equal"), _comparison("not_equal")
greater, greater_equal = _comparison("greater"), _comparison("greater_equal")
less, less_equal = _comparison("less"), _comparison("less_equal")
logical_and, logical_or = _comparison("logical_and"), _comparison("logical_or")
logical_xor = _comparison("logical_xor")
isnan, isinf, isfinite = _question("isnan"), _question("isinf"), _question("isfinite")


@operation("x", by_row=True)
def logical_not(x: Any) -> Any:
    """Whether each is False."""
    return np.logical_not(x)
