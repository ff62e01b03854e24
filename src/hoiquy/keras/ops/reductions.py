"""Sums, means and other functions of the numbers along axes."""

from collections.abc import Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.values.operation import operation
from hoiquy.keras.values.primitives import get_item, reduced_max

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "argsort", "average", "count_nonzero",
    "cumprod", "cumsum", "logsumexp", "max", "mean", "median", "min", "norm", "prod", "sort", "std",
    "sum", "top_k", "var",
]  # fmt: skip


def _within_rows(arguments: Mapping[str, Any]) -> bool:
    """Whether the axes leave out that of the batch, which comes first."""
    axes = arguments.get("axis")
    given = axes if isinstance(axes, list | tuple) else [axes]
    rank = len(arguments["x"].shape)
    return axes is not None and all_of(axis is not None and axis % rank for axis in given)


def all_of(items: Any) -> bool:
    """Python's `all`, whose name here is that of a reduction."""
    return np.all([bool(item) for item in items]).item()


def _axes(axis: Any) -> Any:
    return tuple(int(one) for one in axis) if isinstance(axis, list | tuple | np.ndarray) else axis


def _count(x: Any, axis: Any) -> float:
    shape = np.shape(getval(x))
    if axis is None:
        return float(np.prod(shape))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return float(np.prod([shape[one] for one in axes]))


def _as_float(x: Any) -> Any:
    array = getval(x)
    kind = np.asarray(array).dtype.kind
    return np.asarray(array).astype(np.float32) if kind in "iub" else x


def _numbers(x: Any) -> Any:
    """The numbers; True and False as 1 and 0."""
    array = np.asarray(getval(x))
    return array.astype(np.int32) if array.dtype.kind == "b" else x


@operation("x", by_row=_within_rows)
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes."""
    return anp.sum(_numbers(x), axis=_axes(axis), keepdims=keepdims)


@operation("x", by_row=_within_rows)
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean along axes."""
    return _mean(x, axis, keepdims)


def _mean(x: Any, axis: Any, keepdims: bool) -> Any:
    axes = _axes(axis)
    return anp.sum(_as_float(x), axis=axes, keepdims=keepdims) / _count(x, axes)


@operation("x", "weights", by_row=_within_rows)
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean along an axis, with weights."""
    if weights is None:
        return _mean(x, axis, False)
    if axis is not None and np.ndim(getval(weights)) == 1 and np.ndim(getval(x)) > 1:
        shape = [1] * np.ndim(getval(x))
        shape[axis] = -1
        weights = anp.reshape(weights, shape)
    whole = anp.zeros_like(getval(x)) + weights
    return anp.sum(x * whole, axis=axis) / anp.sum(whole, axis=axis)


@operation("x", by_row=_within_rows)
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean squared distance to the mean."""
    return _variance(x, axis, keepdims)


def _variance(x: Any, axis: Any, keepdims: bool) -> Any:
    distance = _as_float(x) - _mean(x, axis, True)
    return _mean(distance * distance, axis, keepdims)


@operation("x", by_row=_within_rows)
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The root of `var`."""
    return anp.sqrt(_variance(x, axis, keepdims))


@operation("x", by_row=_within_rows)
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest along axes."""
    return reduced_max(x, _axes(axis), keepdims)


@operation("x", by_row=_within_rows)
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest along axes."""
    return -reduced_max(-x, _axes(axis), keepdims)


amax, amin = max, min


@operation("x", by_row=_within_rows)
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product along axes."""
    return anp.prod(_numbers(x), axis=_axes(axis), keepdims=keepdims)


@operation("x", by_row=_within_rows, module="math")
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials, without overflow."""
    axes = _axes(axis)
    array = np.asarray(getval(x))
    largest = array.max(axis=axes, keepdims=True)
    total = anp.log(anp.sum(anp.exp(x - largest), axis=axes, keepdims=True)) + largest
    return total if keepdims else anp.squeeze(total, axis=axes)


@operation("x", by_row=_within_rows)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm along axes: Euclidean, or of order 1, 2 or infinity."""
    axes = _axes(axis)
    if ord in (1, "1"):
        return anp.sum(anp.abs(x), axis=axes, keepdims=keepdims)
    if ord == np.inf:
        return reduced_max(anp.abs(x), axes, keepdims)
    return anp.sqrt(anp.sum(x * x, axis=axes, keepdims=keepdims))


@operation("x", by_row=_within_rows)
def cumsum(x: Any, axis: Any = None) -> Any:
    """The sums of the numbers up to each."""
    return anp.cumsum(x, axis=axis)


@operation("x", by_row=_within_rows)
def cumprod(x: Any, axis: Any = None) -> Any:
    """The products of the numbers up to each."""
    rank = np.ndim(getval(x))
    flat, place = (anp.reshape(x, (-1,)), 0) if axis is None else (x, axis % rank)
    size = np.shape(getval(flat))[place]
    before: list[Any] = [slice(None)] * place
    parts = [get_item(flat, (*before, slice(0, 1)))]
    for i in range(1, size):
        parts.append(parts[-1] * get_item(flat, (*before, slice(i, i + 1))))
    return anp.concatenate(parts, axis=place)


@operation("x", by_row=_within_rows)
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all along axes are True."""
    return np.all(getval(x), axis=_axes(axis), keepdims=keepdims)


@operation("x", by_row=_within_rows)
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether one along axes is True."""
    return np.any(getval(x), axis=_axes(axis), keepdims=keepdims)


@operation("x", by_row=_within_rows)
def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The place of the largest."""
    return np.argmax(getval(x), axis=axis, keepdims=keepdims).astype(np.int32)


@operation("x", by_row=_within_rows)
def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The place of the smallest."""
    return np.argmin(getval(x), axis=axis, keepdims=keepdims).astype(np.int32)


@operation("x", by_row=_within_rows)
def argsort(x: Any, axis: Any = -1) -> Any:
    """The places of the numbers in ascending order."""
    return np.argsort(getval(x), axis=axis, kind="stable").astype(np.int32)


@operation("x", by_row=_within_rows)
def sort(x: Any, axis: Any = -1) -> Any:
    """The numbers in ascending order."""
    order = np.argsort(getval(x), axis=axis, kind="stable")
    return _along(x, order, axis)


@operation("x", by_row=_within_rows)
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle number, or the mean of both."""
    flat = anp.reshape(x, (-1,)) if axis is None else x
    place = 0 if axis is None else axis
    order = np.argsort(getval(flat), axis=place, kind="stable")
    size = order.shape[place]
    middle = np.take(order, [(size - 1) // 2, size // 2], axis=place)
    found = _mean(_along(flat, middle, place), place, keepdims and axis is not None)
    return anp.reshape(found, (1,) * np.ndim(getval(x))) if keepdims and axis is None else found


@operation("x", by_row=_within_rows)
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """How many along axes are not 0."""
    return np.asarray(np.count_nonzero(getval(x), axis=_axes(axis))).astype(np.int32)


@operation("x", module="math", by_row=True)
def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The k largest of the last axis, descending, and their places."""
    order = np.argsort(-np.asarray(getval(x)), axis=-1, kind="stable")[..., :k]
    return _along(x, order, -1), order.astype(np.int32)


def _along(x: Any, places: Any, axis: int) -> Any:
    """NumPy's `take_along_axis`."""
    axis %= places.ndim
    grid = list(np.indices(places.shape, sparse=True))
    grid[axis] = places
    return get_item(x, tuple(grid))
