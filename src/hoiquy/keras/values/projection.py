"""Constraints of the script as those of `hoiquy.nn`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.values.conversion import as_data
from hoiquy.keras.values.scope import CallScope, call_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn.kernels import Array


@dataclass(frozen=True)
class Projection:
    """A function of an array that gives the array that takes its place."""

    function: Callable[[Any], Any]

    def project(self, array: Array) -> Array:
        """The new array. Raises KerasError if it has another shape."""
        with call_scope(CallScope(training=True)), np.errstate(all="ignore"):
            found = np.asarray(as_data(self.function(Value(array))), array.dtype)
        if found.shape != array.shape:
            raise KerasError(f"the constraint gives shape {found.shape}, expected {array.shape}")
        return found
