"""What an operation is given, as arrays that fit together: float32 stays float32."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval, isbox

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.tensors import EagerTensor
from hoiquy.keras.values.scope import current_scope
from hoiquy.keras.values.value import Value, present

FLOAT = np.dtype(np.float32)


@contextmanager
def named_in_errors(owner: str) -> Iterator[None]:
    """Raise autograd's errors about functions without a gradient as errors that name the code."""
    try:
        yield
    except NotImplementedError as error:
        if isinstance(error, NotSupportedError) or "VJP of" not in str(error):
            raise
        function = str(error).removeprefix("VJP of ").partition(" ")[0]
        raise NotSupportedError(
            f"{owner}: {function} has no gradient here; use other functions of keras.ops, or "
            "stop_gradient"
        ) from error


def data_of(item: Any) -> Any:
    """The data of a value, the tensor that replaces a variable in this call, else the item."""
    if isinstance(item, Value):
        return present(item.data)
    if hasattr(item, "assign") and hasattr(item, "value"):
        scope = current_scope()
        array = item.value
        return array if scope is None else scope.variables.get(id(array), array)
    if isinstance(item, EagerTensor):
        scope = current_scope()
        watched = None if scope is None else scope.variables.get(id(item))
        return item.numpy() if watched is None else watched
    return item


def as_data(item: Any) -> Any:
    """The data of one tensor; lists of numbers and of tensors become arrays."""
    data = data_of(item)
    if isinstance(data, list | tuple):
        parts = [as_data(part) for part in data]
        if any(isbox(part) for part in parts):
            return anp.stack([kept(part, FLOAT) for part in parts])
        array = np.array(parts)
        return array.astype(FLOAT) if array.dtype == np.float64 else array
    if data is None or isinstance(data, bool | int | float | np.ndarray) or isbox(data):
        return data
    return np.asarray(data)


def dtype_of(data: Any) -> np.dtype[Any] | None:
    """The dtype; None for a number of Python, which takes that of others."""
    found = getval(data)
    return found.dtype if isinstance(found, np.ndarray | np.generic) else None


def common_float(items: Iterable[Any]) -> np.dtype[Any] | None:
    """The float dtype in which some tensors are computed together; None if none is a float.

    Arrays of float64 that come from NumPy take the dtype of tensors, which is float32 unless a
    tensor was cast to float64.
    """
    found: np.dtype[Any] | None = None
    for item in items:
        dtype = dtype_of(data_of(item))
        if dtype is None or dtype.kind != "f":
            continue
        wide = dtype == np.float64 and is_tensor(item)
        found = np.dtype(np.float64) if wide else (found or FLOAT)
    return found


def is_tensor(item: Any) -> bool:
    """Whether it is a tensor here, not an array or a number of the script."""
    return isinstance(item, Value | EagerTensor) or hasattr(item, "assign")


def kept(data: Any, dtype: np.dtype[Any] | None) -> Any:
    """The data in a dtype, where it has another one; numbers of Python stay."""
    found = dtype_of(data)
    if dtype is None or found is None or found == dtype:
        return data
    return data.astype(dtype)


def narrowed(result: Any, dtype: np.dtype[Any] | None) -> Any:
    """The result of an operation, float32 unless its tensors were float64."""
    if isinstance(result, list | tuple):
        return type(result)(narrowed(part, dtype) for part in result)
    found = dtype_of(result)
    if found == np.float64 and dtype != np.float64:
        return result.astype(FLOAT)
    return result
