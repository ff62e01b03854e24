"""Keras' activation functions, by name and as functions of arrays and symbolic tensors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hoiquy.keras.errors import NotSupportedError, unknown_name
from hoiquy.keras.layers.calls import is_symbolic
from hoiquy.nn import activations as nn

_ALIASES = {"leakyrelu": "leaky_relu", "hard_swish": "hard_silu", "swish": "silu"}


class ActivationFunction:
    """A function by Keras' name."""

    def __init__(self, name: str) -> None:
        self.__name__ = self.name = name

    def __call__(self, x: Any, **settings: Any) -> Any:
        """Apply it to an array or a symbolic tensor."""
        if settings:
            raise NotSupportedError(
                f"{self.name} takes no further arguments here: use a layer, such as ReLU"
            )
        if is_symbolic(x):
            from hoiquy.keras.layers.core import Activation

            return Activation(self)(x)
        return nn.activation_of(self.name).function(np.asarray(x, np.float32))

    def __repr__(self) -> str:
        return f"<function {self.name}>"


_FUNCTIONS = {name: ActivationFunction(name) for name in nn.ACTIVATIONS}


def get(identifier: Any) -> ActivationFunction:
    """The function of a name, a configuration or an object; None is linear.

    Raises:
        KerasError: The name is unknown.
        NotSupportedError: It is a function of the script.
    """
    if identifier is None:
        return _FUNCTIONS["linear"]
    if isinstance(identifier, ActivationFunction):
        return identifier
    if isinstance(identifier, Mapping):
        identifier = identifier.get("config", identifier)
        if isinstance(identifier, Mapping):
            identifier = identifier.get("activation", identifier.get("name"))
    if isinstance(identifier, str):
        name = _ALIASES.get(identifier.lower(), identifier.lower())
        if name not in _FUNCTIONS:
            raise unknown_name("activation", identifier, _FUNCTIONS)
        return _FUNCTIONS[name]
    name = getattr(identifier, "__name__", None)
    module = getattr(identifier, "__module__", "") or ""
    if name in _FUNCTIONS and module.split(".")[0] in ("keras", "tensorflow"):
        return _FUNCTIONS[name]
    raise NotSupportedError(
        f"the activation {name or identifier!r} is not supported; use one of "
        f"{', '.join(_FUNCTIONS)}, or layers such as LeakyReLU after the layer"
    )


def serialize(activation: ActivationFunction) -> str:
    """The name."""
    return activation.name


def deserialize(config: Any, custom_objects: Any = None) -> ActivationFunction:
    """The function of a name."""
    return get(config)


def __getattr__(name: str) -> Any:
    function = _FUNCTIONS.get(_ALIASES.get(name, name))
    if function is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return function


def __dir__() -> list[str]:
    return sorted([*_FUNCTIONS, *_ALIASES, "get", "serialize", "deserialize"])
