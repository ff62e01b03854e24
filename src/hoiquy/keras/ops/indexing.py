"""Parts of tensors by index."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.tensors import EagerTensor
from hoiquy.keras.values import primitives
from hoiquy.keras.values.operation import operation
from hoiquy.keras.values.value import Value

__all__ = ["gather_nd", "get_item", "one_hot", "slice", "take", "take_along_axis"]


def _keeps_rows(given: Mapping[str, Any]) -> bool:
    key = given["key"]
    first = key[0] if isinstance(key, tuple) else key
    if first is Ellipsis:
        return len(key) <= len(given["x"].shape) if isinstance(key, tuple) else True
    return isinstance(first, _Slice) and first == _Slice(None)


_Slice = type(np.s_[:])


@operation("x", by_row=_keeps_rows, settings=())
def get_item(x: Any, key: Any) -> Any:
    """x[key]."""
    return primitives.get_item(x, _as_key(key))


def _as_key(key: Any) -> Any:
    """Whole numbers and arrays of them, as NumPy indexes with them."""
    if isinstance(key, tuple):
        return tuple(_as_key(part) for part in key)
    if isinstance(key, _Slice):
        return _Slice(*(_bound(part) for part in (key.start, key.stop, key.step)))
    if isinstance(key, Value | EagerTensor | list):
        array = np.asarray(key)
        return array.item() if array.ndim == 0 and array.dtype.kind != "b" else array
    return key


def _bound(part: Any) -> Any:
    return None if part is None else int(part)


@operation("x", plain=("indices",), by_row=lambda given: given.get("axis") not in (None, 0))
def take(x: Any, indices: Any, axis: Any = None) -> Any:
    """The parts of an axis with these numbers; of all numbers without an axis."""
    places = np.asarray(getval(indices)).astype(np.int64)
    if axis is None:
        return primitives.get_item(anp.reshape(x, (-1,)), places)
    before = (_Slice(None),) * (axis % np.ndim(getval(x)))
    return primitives.get_item(x, (*before, places))


@operation("x", plain=("indices",), by_row=lambda given: given.get("axis") not in (None, 0))
def take_along_axis(x: Any, indices: Any, axis: Any = None) -> Any:
    """The numbers at a place along an axis, which differs from row to row."""
    places = np.asarray(getval(indices)).astype(np.int64)
    if axis is None:
        return primitives.get_item(anp.reshape(x, (-1,)), places)
    grid: list[Any] = list(np.indices(places.shape, sparse=True))
    grid[axis % places.ndim] = places
    return primitives.get_item(x, tuple(grid))


@operation("x", plain=("indices",))
def gather_nd(x: Any, indices: Any) -> Any:
    """The parts at places whose index is the last axis of `indices`."""
    places = np.asarray(getval(indices)).astype(np.int64)
    return primitives.get_item(x, tuple(np.moveaxis(places, -1, 0)))


@operation("x", module="nn", plain=("x",), by_row=True)
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Rows with 1 at the index and 0 elsewhere; zeros for an index outside."""
    indices = np.asarray(getval(x)).astype(np.int64)
    wanted = np.dtype(getattr(dtype, "name", dtype) or np.float32)
    whole = (indices[..., None] == np.arange(int(num_classes))).astype(wanted)
    return whole if axis == -1 else np.moveaxis(whole, -1, axis)


@operation("inputs", module="core")
def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """A part that begins at a place and has a shape; -1 for all that follows."""
    key = tuple(
        _Slice(int(begin), None if length == -1 else int(begin) + int(length))
        for begin, length in zip(start_indices, shape, strict=True)
    )
    return primitives.get_item(inputs, key)
