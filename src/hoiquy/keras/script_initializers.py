"""Initializers of a script: functions from shapes to arrays."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.keras.errors import KerasError
from hoiquy.nn.kernels import Array


def script_values(function: Any) -> Any:
    """The initializer of `hoiquy.nn` of a function of the script, or an object with a call."""

    def initialize(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        try:
            found = function(shape, dtype="float32")
        except TypeError:
            found = function(shape)
        values = np.array(getattr(found, "value", found), dtype)
        if values.shape != tuple(shape):
            raise KerasError(f"the initializer gives shape {values.shape}, expected {shape}")
        return values

    return initialize
