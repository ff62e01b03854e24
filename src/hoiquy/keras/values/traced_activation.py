"""Functions of the script as activations of `hoiquy.nn`."""

from collections.abc import Callable
from typing import Any

import numpy as np
from autograd import make_vjp

from hoiquy.keras.values.conversion import as_data, kept
from hoiquy.keras.values.scope import CallScope, call_scope, current_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn.activations import Activation
from hoiquy.nn.kernels import Array


def traced_activation(name: str, function: Callable[[Any], Any]) -> Activation:
    """An activation whose gradient is that of autograd; it sees arrays whole."""

    def compute(data: Any) -> Any:
        scope = current_scope() or CallScope()
        with call_scope(scope), np.errstate(all="ignore"):
            return kept(as_data(function(Value(data))), data.dtype)

    def values(x: Array) -> Array:
        return np.asarray(compute(x), x.dtype)

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        pull_back, _ = make_vjp(compute)(x)
        return np.asarray(pull_back(np.asarray(d_y, x.dtype)), x.dtype)

    return Activation(name, values, gradient, by_row=False)
