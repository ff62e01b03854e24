"""A recurrent layer by a native library, which native/NAME_layer.cpp calls."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from layer_arrays import outputs_of, read_arrays

_NATIVE = ctypes.CDLL(os.environ["HOIQUY_BENCH_LIBRARY"])
_NATIVE.layer_error.restype = _NATIVE.layer_version.restype = ctypes.c_char_p


class NativeLayer:
    """A layer in the library, freed with this object."""

    def __init__(self, task: dict[str, Any]) -> None:
        arrays = read_arrays(task["weights"])
        self.arrays = arrays._replace(bias=_biases(arrays.bias, task))
        self.sizes = [task["length"], task["batch"], task["embedding"], task["units"]]
        self.gates = task["gates"]
        self.handle = ctypes.c_void_p()
        numbers = [self.gates, self.arrays.bias.size // task["units"], *self.sizes]
        _call("layer_create", ctypes.byref(self.handle), *numbers, *map(_pointer, self.arrays))

    def __del__(self) -> None:
        _NATIVE.layer_destroy(self.handle)

    def step(self) -> None:
        _call("layer_step", self.handle)

    def outputs(self) -> Any:
        self.step()
        time, batch, _, units = self.sizes
        y = np.empty((batch, units), np.float32)
        gradients = [np.empty_like(self.arrays.kernel), np.empty_like(self.arrays.recurrent_kernel)]
        numbers = (time, batch, units)
        _call("layer_read", self.handle, *numbers, *map(_pointer, (y, *gradients)))
        return outputs_of(y, *gradients)


def versions() -> dict[str, str]:
    return {os.environ["HOIQUY_BENCH_NAME"]: _NATIVE.layer_version().decode()}


def prepare(task: dict[str, Any]) -> tuple[dict[str, Callable[[], object]], Callable[[], Any]]:
    layer = NativeLayer(task)
    return {"layer": layer.step}, layer.outputs


def _biases(bias: Any, task: dict[str, Any]) -> Any:
    """One bias a gate, and for a GRU the recurrent one of the candidate as a fourth."""
    if task["kind"] != "GRU":
        return bias
    units = task["units"]
    both = bias.sum(axis=0)
    return np.concatenate([both[: 2 * units], bias[0, 2 * units :], bias[1, 2 * units :]])


def _pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_NATIVE, name)(*arguments):
        raise RuntimeError(f"{name}: {_NATIVE.layer_error().decode()}")
