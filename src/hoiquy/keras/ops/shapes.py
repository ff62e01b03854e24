"""Functions that move, join and repeat numbers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.tensors import KerasTensor
from hoiquy.keras.values.operation import operation
from hoiquy.keras.values.primitives import get_item
from hoiquy.keras.values.tensor_shape import TensorShape

__all__ = [
    "broadcast_to", "concatenate", "convert_to_numpy", "convert_to_tensor", "expand_dims", "flip",
    "hstack", "identity_of", "is_tensor", "ndim", "pad", "ravel", "repeat", "reshape", "roll",
    "shape", "size", "split", "squeeze", "stack", "swapaxes", "tile", "transpose", "unstack",
    "vstack",
]  # fmt: skip


def shape(x: Any) -> TensorShape:
    """The sizes of the axes; None for any size of a symbolic tensor."""
    return TensorShape(x.shape if hasattr(x, "shape") else np.shape(x))


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(shape(x))


def size(x: Any) -> Any:
    """How many numbers; None if a size is unknown."""
    sizes = shape(x)
    return None if None in sizes else int(np.prod(sizes))


def is_tensor(x: Any) -> bool:
    """Whether it is a tensor: of a model, of a layer's code, or what an operation gave."""
    from hoiquy.keras.values.conversion import is_tensor as is_value

    return isinstance(x, KerasTensor) or is_value(x)


@operation("x", name="Identity", by_row=True, module="core")
def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """A tensor of numbers: float32, or whole numbers as they are."""
    array = np.asarray(x) if isinstance(x, bool | int | float) else x
    if dtype is not None:
        return array.astype(np.dtype(getattr(dtype, "name", dtype)))
    return array


identity_of = convert_to_tensor


def convert_to_numpy(x: Any) -> Any:
    """The numbers as an array."""
    return np.asarray(x)


def _axis_not_first(name: str, default: Any) -> Any:
    def within_rows(arguments: Mapping[str, Any]) -> bool:
        axis = arguments.get(name, default)
        first = arguments.get("x", arguments.get("xs"))
        rank = len((first[0] if isinstance(first, list | tuple) else first).shape)
        axes = axis if isinstance(axis, list | tuple) else [axis]
        return all(one is not None and one % rank for one in axes)

    return within_rows


@operation("x", by_row=False)
def reshape(x: Any, newshape: Any) -> Any:
    """Another shape; one size may be -1 or None."""
    sizes = newshape if isinstance(newshape, Sequence | np.ndarray) else (newshape,)
    return anp.reshape(x, tuple(-1 if one is None else int(one) for one in sizes))


@operation("x")
def ravel(x: Any) -> Any:
    """One axis of all numbers."""
    return anp.reshape(x, (-1,))


@operation("x", by_row=lambda given: given["axis"] not in (0, -len(given["x"].shape) - 1))
def expand_dims(x: Any, axis: Any = -1) -> Any:
    """A new axis of size 1."""
    for one in axis if isinstance(axis, list | tuple) else (axis,):
        x = anp.expand_dims(x, int(one))
    return x


@operation("x", by_row=_axis_not_first("axis", None))
def squeeze(x: Any, axis: Any = None) -> Any:
    """Without axes of size 1."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    return anp.squeeze(x, axis=axes)


@operation("x", by_row=lambda given: (given.get("axes") or [1])[0] == 0)
def transpose(x: Any, axes: Any = None) -> Any:
    """The axes in another order; reversed by default."""
    return anp.transpose(x, None if axes is None else tuple(int(axis) for axis in axes))


@operation("x")
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return anp.swapaxes(x, axis1, axis2)


@operation("xs", by_row=_axis_not_first("axis", 0))
def concatenate(xs: list, axis: int = 0) -> Any:  # type: ignore[type-arg]
    """Side by side along an axis."""
    return anp.concatenate(xs, axis=int(axis))


@operation("x", by_row=lambda given: given.get("axis", 0) != 0)
def stack(x: list, axis: int = 0) -> Any:  # type: ignore[type-arg]
    """Along a new axis."""
    return anp.stack(x, axis=int(axis))


@operation("xs")
def hstack(xs: list) -> Any:  # type: ignore[type-arg]
    """Side by side along the second axis."""
    return anp.concatenate(xs, axis=0 if np.ndim(getval(xs[0])) == 1 else 1)


@operation("xs")
def vstack(xs: list) -> Any:  # type: ignore[type-arg]
    """One below the other."""
    rows = [anp.reshape(x, (1, -1)) if np.ndim(getval(x)) == 1 else x for x in xs]
    return anp.concatenate(rows, axis=0)


@operation("x", by_row=_axis_not_first("axis", 0))
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Parts along an axis: so many of one size, or between places."""
    length = np.shape(getval(x))[axis]
    if isinstance(indices_or_sections, int | np.integer):
        step = length // int(indices_or_sections)
        ends = list(range(step, length, step))[: int(indices_or_sections) - 1]
    else:
        ends = [int(end) for end in indices_or_sections]
    before = (slice(None),) * (axis % np.ndim(getval(x)))
    bounds = [0, *ends, length]
    return [get_item(x, (*before, slice(first, last))) for first, last in pairwise(bounds)]


@operation("x", module="core", by_row=_axis_not_first("axis", 0))
def unstack(x: Any, num: Any = None, axis: int = 0) -> list[Any]:
    """The parts of an axis, each without it."""
    before = (slice(None),) * (axis % np.ndim(getval(x)))
    return [get_item(x, (*before, i)) for i in range(np.shape(getval(x))[axis])]


@operation("x", by_row=lambda given: list(given["repeats"])[:1] == [1])
def tile(x: Any, repeats: Any) -> Any:
    """Several times along each axis."""
    return anp.tile(x, tuple(int(one) for one in np.atleast_1d(repeats)))


@operation("x", by_row=_axis_not_first("axis", None))
def repeat(x: Any, repeats: Any, axis: Any = None) -> Any:
    """Each number several times along an axis."""
    flat, place = (anp.reshape(x, (-1,)), 0) if axis is None else (x, axis)
    length = np.shape(getval(flat))[place]
    places = np.repeat(np.arange(length), repeats)
    return get_item(flat, (*(slice(None),) * (place % np.ndim(getval(flat))), places))


@operation("x", by_row=lambda given: tuple(given["pad_width"][0]) == (0, 0))
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """Further numbers around: zeros, or those of NumPy's modes."""
    widths = [tuple(int(one) for one in pair) for pair in pad_width]
    if mode != "constant":
        places = [
            np.pad(np.arange(length), pair, mode=mode)  # type: ignore[call-overload]
            for length, pair in zip(np.shape(getval(x)), widths, strict=True)
        ]
        return get_item(x, np.ix_(*places))
    value = 0.0 if constant_values is None else constant_values
    return anp.pad(x, widths, mode, constant_values=value)


@operation("x", by_row=_axis_not_first("axis", None))
def flip(x: Any, axis: Any = None) -> Any:
    """In reverse order along axes."""
    rank = np.ndim(getval(x))
    axes = range(rank) if axis is None else np.atleast_1d(axis) % rank
    return get_item(x, tuple(slice(None, None, -1 if i in axes else 1) for i in range(rank)))


@operation("x", by_row=_axis_not_first("axis", None))
def roll(x: Any, shift: int, axis: Any = None) -> Any:
    """Moved along an axis; what falls off comes in at the other end."""
    return anp.roll(x, shift, axis)


@operation("x")
def broadcast_to(x: Any, shape: Any) -> Any:
    """Axes of size 1 repeated to a shape."""
    return x + anp.zeros(tuple(shape), np.asarray(getval(x)).dtype)
