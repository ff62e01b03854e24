"""How Python calls compiled code, which takes one block of 64-bit words.

A scalar is one word. An array, contiguous in C order, is its address and its shape. The words are
those of all arguments, in order; those of a NamedTuple are those of its fields.
"""

import ctypes
import struct
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.object_code import load
from hoiquy.nn.kernels.fast.parameters import ArrayOf, Group, Parameter

_NOTHING = ctypes.c_char * 0
_FORMATS = {"float32": "f4x", "int64": "q", "uint16": "q", "uint64": "Q"}


class Kernel:
    """A compiled kernel, loaded when it is first called.

    name: of its function in `jit.entries`, and of its object code.
    """

    def __init__(self, name: str, *parameters: Parameter) -> None:
        self.name, self.parameters = name, parameters
        self._flat = list(_flattened(parameters))
        formats = (_FORMATS[p] if isinstance(p, str) else f"{1 + p.axes}q" for p in self._flat)
        self._words = struct.Struct("=" + "".join(formats))
        self._function: Callable[[bytes], int] | None = None
        self._lock = Lock()

    def __call__(self, *arguments: Any) -> None:
        """Run it, without the GIL. Raises ShapeError for arrays of other types."""
        # Written out, since small networks spend a tenth of their time here.
        function = self._function or self._loaded()
        flat: list[Any] = []
        for argument in arguments:
            if isinstance(argument, tuple):
                flat += argument
            else:
                flat.append(argument)
        words: list[Any] = []
        for value, parameter in zip(flat, self._flat, strict=True):
            if isinstance(parameter, str):
                words.append(np.float32(value) if parameter == "float32" else value)
                continue
            dtype, axes, written = parameter
            flags = value.flags
            if (
                value.dtype != dtype
                or value.ndim != axes
                or not flags.c_contiguous
                or (written and not flags.writeable)
            ):
                raise _misfit(self.name, value, parameter)
            words.append(_address(value))
            words += value.shape
        if function(self._words.pack(*words)):
            raise RuntimeError(f"internal error: the kernel {self.name} failed")

    def _loaded(self) -> Callable[[bytes], int]:
        with self._lock:  # threads may call it first at the same time
            self._function = self._function or load(self.name, self.parameters)
            return self._function


def _flattened(parameters: tuple[Parameter, ...]) -> Iterator[ArrayOf | str]:
    for parameter in parameters:
        if isinstance(parameter, Group):
            yield from parameter.fields
        else:
            yield parameter


def _address(array: Any) -> int:
    """The address of an array's data, in a quarter of the time of `array.ctypes.data`."""
    try:
        return ctypes.addressof(_NOTHING.from_buffer(array))
    except TypeError:  # read-only
        return int(array.ctypes.data)


def _misfit(name: str, array: Any, expected: ArrayOf) -> ShapeError:
    writable = " and writable" * expected.written
    return ShapeError(
        f"{name}: an array {array.shape} of {array.dtype}: expected {expected.axes} axes of "
        f"{expected.dtype}, contiguous{writable}"
    )
