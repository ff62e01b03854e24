"""How the kernels are compiled.

Reference counts are off: arrays belong to the caller, and kernels allocate nothing. So the machine
code calls nothing of Numba or Python, and is loaded without them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numba.np import arrayobj

_arrays: Any = arrayobj  # it has no types
# error_model="numpy": a division that may raise prevents vectorisation. The fast-math flags keep
# NaN and infinity, which training must detect.
OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that the kernels call, or a kernel."""
    return njit(**OPTIONS)(function)  # type: ignore[no-any-return]


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Inline a small function into each of its callers."""
    return njit(inline="always", **OPTIONS)(function)  # type: ignore[no-any-return]


@inlined
def address(array: Any) -> Any:
    """The address of an array's data, as intp everywhere: other integer types would compile again.

    An array is freed after the last line that names it; its address must not be used after that.
    """
    return np.intp(array.ctypes.data)


def _flat(typing_context: Any, array: Any) -> Any:
    """A contiguous array with one axis. `reshape` would call a function of Numba's runtime."""
    flat = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = _arrays.make_array(array)(context, builder, arguments[0])
        result = _arrays.make_array(flat)(context, builder)
        _arrays.populate_array(
            result, data=source.data, shape=[source.nitems], strides=[source.itemsize],
            itemsize=source.itemsize, meminfo=None,
        )  # fmt: skip
        return result._getvalue()

    return flat(array), generate


flat: Callable[[Any], Any] = intrinsic(_flat)  # type: ignore[assignment]


@compiled
def copy(source: Any, target: Any) -> None:
    """target = source, both flat. An assignment would allocate, for arrays that overlap."""
    for j in range(target.size):
        target[j] = source[j]
