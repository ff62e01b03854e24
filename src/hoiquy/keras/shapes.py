"""Shapes as scripts give them: batch axis first, sizes or None."""

from numbers import Integral
from typing import Any

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.tensors import Shape


def as_shape(value: Any, where: str) -> Shape:
    """One shape. Raises KerasTypeError or KerasError."""
    if isinstance(value, Integral):
        raise KerasTypeError(f"{where}={value!r}, expected a tuple, such as ({value},)")
    try:
        return tuple(_size(size, value, where) for size in value)
    except TypeError:
        raise KerasTypeError(f"{where}={value!r}, expected a tuple of sizes") from None


def as_shapes(value: Any, where: str) -> list[Shape]:
    """One shape or a list of them, as a list."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        return [as_shape(each, where) for each in value]
    return [as_shape(value, where)]


def _size(size: Any, shape: Any, where: str) -> int | None:
    if size is None:
        return None
    if not isinstance(size, Integral) or isinstance(size, bool):
        raise KerasTypeError(f"{where}={shape!r}: {size!r} is not a size")
    if size < 0:
        raise KerasError(f"{where}={shape!r}: sizes cannot be negative")
    return int(size)
