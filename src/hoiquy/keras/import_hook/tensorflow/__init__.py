"""What scripts use of `tensorflow` beside Keras: versions, seeds, devices, data types, switches.

__init__.py     names of `tensorflow` itself
concrete.py     its functions of arrays and texts
tensor_functions.py, tensor_parts.py
                functions of tensors of a model, and of those in the code of a layer or a loss;
                math.py, nn.py and linalg.py have further ones
of_either.py    those that are in both
data/           `tensorflow.data`
strings.py      `tensorflow.strings`
version_1.py    names of TensorFlow 1, and of `tensorflow.compat.v1`
autograph.py, config.py, distribute.py, logging.py, random.py, test.py, train.py, version.py
                the modules of TensorFlow of these names
device_lib.py   `tensorflow.python.client.device_lib`
"""

import logging as _logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from hoiquy.keras.usage import record_ignored

__all__ = [
    "bool",
    "complex64",
    "complex128",
    "device",
    "double",
    "executing_eagerly",
    "float16",
    "float32",
    "float64",
    "function",
    "get_logger",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "name_scope",
    "newaxis",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

bool = np.dtype(np.bool_)
complex64, complex128 = np.dtype(np.complex64), np.dtype(np.complex128)
double = float64 = np.dtype(np.float64)
float16, float32 = np.dtype(np.float16), np.dtype(np.float32)
half = float16
int8, int16, int32, int64 = (np.dtype(f"int{bits}") for bits in (8, 16, 32, 64))
newaxis = None  # as in NumPy: x[:, tf.newaxis]
string = "string"
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64))


def device(device_name: str) -> AbstractContextManager[None]:
    """Do nothing: hoiquy computes on the processor."""
    record_ignored("tf.device", "device_name", "hoiquy computes on the processor")
    return nullcontext()


def executing_eagerly() -> Any:
    return True


def function(func: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Return the function itself: it gives the same result without a TensorFlow graph."""
    return (lambda decorated: decorated) if func is None else func


def get_logger() -> _logging.Logger:
    return _logging.getLogger("tensorflow")


def name_scope(name: str) -> AbstractContextManager[None]:
    return nullcontext()
