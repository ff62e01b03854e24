"""Regularizers of the script as those of `hoiquy.nn`, and those of `hoiquy.nn` in other code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from autograd import make_vjp
from autograd.tracer import getval

from hoiquy.keras.values.conversion import as_data, kept, named_in_errors
from hoiquy.keras.values.primitives import penalty_value
from hoiquy.keras.values.scope import CallScope, call_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn.kernels import Array
from hoiquy.nn.regularizers import Regularizer


@dataclass(frozen=True)
class TracedRegularizer:
    """A function of an array whose sum is the penalty, with the gradient of autograd."""

    name: str
    function: Callable[[Any], Any]

    def penalty(self, array: Array) -> float:
        return float(np.sum(getval(self._compute(array))))

    def gradient(self, array: Array) -> Array:
        with named_in_errors(self.name):
            pull_back, value = make_vjp(self._compute)(array)
        return np.asarray(pull_back(np.ones_like(value)), array.dtype)

    def _compute(self, data: Any) -> Any:
        with call_scope(CallScope(training=True)), np.errstate(all="ignore"):
            return kept(as_data(self.function(Value(data))), data.dtype)


def within_code(regularizer: Regularizer, x: Any) -> Value:
    """The penalty of a tensor inside the code of a script."""
    return Value(penalty_value(regularizer, as_data(x)))
