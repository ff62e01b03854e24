"""Functions of `tensorflow` that move, join and choose parts, by those of `keras.ops`."""

from typing import Any

import numpy as np

from hoiquy.keras import ops
from hoiquy.keras.ops import indexing as _indexing

__all__ = [
    "boolean_mask",
    "broadcast_to",
    "concat",
    "expand_dims",
    "fill",
    "gather",
    "gather_nd",
    "linspace",
    "one_hot",
    "pad",
    "range",
    "rank",
    "repeat",
    "reshape",
    "reverse",
    "sequence_mask",
    "shape",
    "size",
    "slice",
    "split",
    "squeeze",
    "stack",
    "tile",
    "transpose",
    "unstack",
]


# Shapes


def shape(input: Any, out_type: Any = None, name: Any = None) -> Any:
    """The sizes of the axes."""
    return ops.shape(input)


def rank(input: Any, name: Any = None) -> int:
    """The number of axes."""
    return int(ops.ndim(input))


def size(input: Any, out_type: Any = None, name: Any = None) -> Any:
    """How many numbers."""
    return ops.size(input)


def reshape(tensor: Any, shape: Any, name: Any = None) -> Any:
    """Another shape."""
    return ops.reshape(tensor, shape)


def expand_dims(input: Any, axis: Any = None, name: Any = None, dim: Any = None) -> Any:
    """A new axis of size 1."""
    return ops.expand_dims(input, axis=-1 if axis is None and dim is None else axis or dim or 0)


def squeeze(input: Any, axis: Any = None, name: Any = None, **old: Any) -> Any:
    """Without axes of size 1."""
    return ops.squeeze(input, axis=old.get("squeeze_dims", axis))


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: Any = None) -> Any:
    """The axes in another order."""
    return ops.transpose(a, perm)


def concat(values: Any, axis: Any, name: Any = None) -> Any:
    """Side by side along an axis."""
    return ops.concatenate(list(values), axis=axis)


def stack(values: Any, axis: int = 0, name: Any = None) -> Any:
    """Along a new axis."""
    return ops.stack(list(values), axis=axis)


def unstack(value: Any, num: Any = None, axis: int = 0, name: Any = None) -> Any:
    """The parts of an axis."""
    return ops.unstack(value, num, axis=axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, **kwargs: Any) -> Any:
    """So many parts of one size, or parts of these sizes."""
    if isinstance(num_or_size_splits, int | np.integer):
        return ops.split(value, int(num_or_size_splits), axis=axis)
    return ops.split(value, list(np.cumsum(num_or_size_splits)[:-1]), axis=axis)


def tile(input: Any, multiples: Any, name: Any = None) -> Any:
    """Several times along each axis."""
    return ops.tile(input, multiples)


def repeat(input: Any, repeats: Any, axis: Any = None, name: Any = None) -> Any:
    """Each number several times."""
    return ops.repeat(input, repeats, axis=axis)


def reverse(tensor: Any, axis: Any, name: Any = None) -> Any:
    """In reverse order along axes."""
    return ops.flip(tensor, axis=axis)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0,
        name: Any = None) -> Any:  # fmt: skip
    """Further numbers around."""
    widths = [tuple(pair) for pair in np.asarray(paddings).tolist()]
    if mode.upper() == "CONSTANT":
        return ops.pad(tensor, widths, "constant", constant_values)
    return ops.pad(tensor, widths, mode.lower())


def broadcast_to(input: Any, shape: Any, name: Any = None) -> Any:
    """Axes of size 1 repeated to a shape."""
    return ops.broadcast_to(input, shape)


def fill(dims: Any, value: Any, name: Any = None) -> Any:
    """All of one value."""
    return ops.full(dims, value, getattr(np.asarray(value), "dtype", None))


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None,
          name: Any = None) -> Any:  # fmt: skip
    """Numbers at equal distances."""
    return ops.arange(start, limit, delta, dtype)


def linspace(start: Any, stop: Any, num: int, name: Any = None, axis: int = 0) -> Any:
    """So many numbers at equal distances."""
    return ops.linspace(start, stop, int(num))


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = None, name: Any = None) -> Any:
    """True for the first steps of each row, as many as its length."""
    counts = np.asarray(getattr(lengths, "array", lengths))
    steps = np.arange(int(counts.max() if maxlen is None else maxlen))
    mask = steps < counts[..., None]
    return ops.convert_to_tensor(mask, dtype)


# Parts


def gather(params: Any, indices: Any, validate_indices: Any = None, axis: Any = None,
           batch_dims: int = 0, name: Any = None) -> Any:  # fmt: skip
    """The parts of an axis with these numbers."""
    if batch_dims:
        return ops.take_along_axis(params, indices, axis=batch_dims if axis is None else axis)
    return ops.take(params, indices, axis=0 if axis is None else axis)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: Any = None) -> Any:
    """The parts at places."""
    return _indexing.gather_nd(params, indices)


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: Any = None) -> Any:
    """The parts where the mask is True."""
    places = np.asarray(getattr(mask, "array", mask), bool)
    return _indexing.get_item(tensor, places)


def slice(input_: Any, begin: Any, size: Any, name: Any = None) -> Any:
    """A part that begins at a place and has a shape."""
    return _indexing.slice(input_, list(begin), list(size))


def one_hot(indices: Any, depth: int, on_value: Any = None, off_value: Any = None, axis: Any = None,
            dtype: Any = None, name: Any = None) -> Any:  # fmt: skip
    """Rows with 1 at the index and 0 elsewhere."""
    found = ops.one_hot(indices, int(depth), axis=-1 if axis is None else axis, dtype=dtype)
    if on_value in (None, 1) and off_value in (None, 0):
        return found
    high, low = 1.0 if on_value is None else on_value, 0.0 if off_value is None else off_value
    return found * (high - low) + low
