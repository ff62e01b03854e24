"""`Value`: a tensor that a layer, loss or metric of the script computes with."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from autograd.tracer import getval, isbox

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.values.operators import ComparedTensor
from hoiquy.keras.values.tensor_shape import TensorShape

FIRST_TAPE = 1 << 20  # traces from this number on belong to tapes
open_tapes: set[int] = set()


class Value(ComparedTensor):
    """An array, or what autograd follows in place of it.

    data: an array, a NumPy number, or a box of autograd.
    """

    __slots__ = ("_keras_mask", "data")

    def __init__(self, data: Any, mask: Any = None) -> None:
        self.data = data
        self._keras_mask = mask

    @property
    def array(self) -> AnyArray:
        """The numbers, without their derivatives."""
        return np.asarray(getval(self.data))

    @property
    def shape(self) -> TensorShape:
        return TensorShape(np.shape(getval(self.data)))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    @property
    def T(self) -> "Value":  # noqa: N802 (NumPy's name)
        return Value(self.data.T)

    def dimshuffle(self, *order: Any) -> Any:
        """The axes in another order; "x" is a new one of size 1, as in Theano."""
        ops = late("ops")
        axes = list(order[0]) if order and isinstance(order[0], list | tuple) else list(order)
        found = ops.transpose(self, [axis for axis in axes if axis != "x"])
        for place, axis in enumerate(axes):
            found = ops.expand_dims(found, place) if axis == "x" else found
        return found

    def get_shape(self) -> TensorShape:
        """The shape, by TensorFlow's name."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Nothing: the shape is known."""

    def numpy(self) -> AnyArray:
        """The numbers as an array."""
        return self.array

    def item(self) -> Any:
        """The only number."""
        return self.array.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        if isbox(present(self.data)):
            raise NotSupportedError(
                "NumPy cannot differentiate a tensor: use the functions of keras.ops, "
                "keras.backend or tf instead of those of NumPy"
            )
        return np.array(self.array, dtype)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __index__(self) -> int:
        return int(self.array.__index__())

    def __float__(self) -> float:
        return float(self.array)

    def __format__(self, spec: str) -> str:
        return format(self.array[()] if self.ndim == 0 else self.array, spec)

    def __repr__(self) -> str:
        return f"<Value shape={tuple(self.shape)}, dtype={self.dtype}, numpy={self.array}>"


def present(data: Any) -> Any:
    """The data; what was recorded on a tape whose block is over counts as plain numbers."""
    is_over = isbox(data) and data._trace >= FIRST_TAPE and data._trace not in open_tapes
    return getval(data) if is_over else data


def _method(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(late("ops"), name)(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, f"As `keras.ops.{name}`: a method as in Theano."
    return method


for _name in ("argmax", "dot", "max", "mean", "min", "prod", "reshape", "std", "sum", "var"):
    setattr(Value, _name, _method(_name))


def is_followed(data: Any) -> bool:
    """Whether autograd follows it."""
    return bool(isbox(data))
