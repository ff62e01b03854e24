"""New arrays."""

from typing import Any

import numpy as np
from autograd.tracer import getval

from hoiquy.keras.tensors import EagerTensor
from hoiquy.keras.values.operation import operation

__all__ = [
    "arange", "array", "eye", "full", "full_like", "identity", "linspace", "ones", "ones_like",
    "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip


def _eager(array: Any) -> EagerTensor:
    return np.asarray(array).view(EagerTensor)


def _dtype(dtype: Any) -> Any:
    return np.dtype(getattr(dtype, "name", dtype) or np.float32)


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in np.atleast_1d(shape)) if np.ndim(shape) else (int(shape),)


def array(x: Any, dtype: Any = None) -> EagerTensor:
    """Numbers as a tensor; float64 becomes float32."""
    found = np.asarray(x, None if dtype is None else _dtype(dtype))
    is_double = dtype is None and found.dtype == np.float64
    return _eager(found.astype(np.float32) if is_double else found)


def zeros(shape: Any, dtype: Any = None) -> EagerTensor:
    """All 0."""
    return _eager(np.zeros(_sizes(shape), _dtype(dtype)))


def ones(shape: Any, dtype: Any = None) -> EagerTensor:
    """All 1."""
    return _eager(np.ones(_sizes(shape), _dtype(dtype)))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> EagerTensor:
    """All of one value."""
    return _eager(np.full(_sizes(shape), fill_value, _dtype(dtype)))


def eye(N: int, M: Any = None, k: int = 0, dtype: Any = None) -> EagerTensor:  # noqa: N803
    """1 on a diagonal, 0 elsewhere."""
    return _eager(np.eye(int(N), None if M is None else int(M), k, _dtype(dtype)))


identity = eye


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> EagerTensor:
    """Numbers at equal distances: int32 of whole numbers, else float32."""
    first, last = (0, start) if stop is None else (start, stop)
    found = np.arange(_number(first), _number(last), _number(step))
    kind = np.int32 if found.dtype.kind in "iu" else np.float32
    return _eager(found.astype(kind if dtype is None else _dtype(dtype)))


def linspace(start: Any, stop: Any, num: int = 50, **options: Any) -> EagerTensor:
    """So many numbers at equal distances, both ends included."""
    return _eager(np.linspace(_number(start), _number(stop), num, **options).astype(np.float32))


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) else np.asarray(value).item()


@operation("x", by_row=True)
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """0 for each number."""
    return _like(x, 0, dtype)


@operation("x", by_row=True)
def ones_like(x: Any, dtype: Any = None) -> Any:
    """1 for each number."""
    return _like(x, 1, dtype)


@operation("x", by_row=True)
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value for each number."""
    return _like(x, fill_value, dtype)


def _like(x: Any, value: Any, dtype: Any) -> Any:
    found = np.asarray(getval(x))
    return np.full(found.shape, value, found.dtype if dtype is None else _dtype(dtype))


@operation("x")
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle of matrices; 0 above it."""
    return x * np.tril(np.ones(x.shape[-2:], np.float32), k)


@operation("x")
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle of matrices; 0 below it."""
    return x * np.triu(np.ones(x.shape[-2:], np.float32), k)
