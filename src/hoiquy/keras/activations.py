"""Keras' activation functions and their names."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.registry import Registry
from hoiquy.keras.tensors import KerasTensor
from hoiquy.nn import activations as nn

_WITH_SETTINGS = {
    "relu": nn.relu, "leaky_relu": nn.leaky_relu, "elu": nn.elu, "celu": nn.celu, "gelu": nn.gelu,
    "squareplus": nn.squareplus, "hard_shrink": nn.hard_shrink, "soft_shrink": nn.soft_shrink,
}  # fmt: skip
_OLDER = {"leaky_relu": {"alpha": "negative_slope"}, "relu": {"alpha": "negative_slope"}}


class ActivationFunction:
    """An activation by name, a function of arrays: `relu(x)`."""

    def __init__(self, name: str) -> None:
        self.__name__ = self.name = name

    def __call__(self, x: ArrayLike, *positional: Any, **settings: Any) -> Any:
        """The values, float32. Some functions have settings, such as relu's negative_slope.

        Of a symbolic tensor: that of the layer `Activation`, without settings.
        """
        if isinstance(x, KerasTensor) and not positional and not settings:
            return late("layers.core").Activation(self)(x)
        made = nn.ACTIVATIONS[self.name]
        if settings.get("axis") == -1:
            del settings["axis"]
        if positional or settings:
            older = _OLDER.get(self.name, {})
            settings = {older.get(name, name): value for name, value in settings.items()}
            maker: Any = _WITH_SETTINGS.get(self.name, lambda: None)
            try:
                made = maker(*positional, **settings)
            except TypeError as error:
                given = ", ".join(map(str, (*positional, *settings)))
                raise KerasError(f"{self.name}: {given} is not supported") from error
        return made.function(np.asarray(x, np.float32))

    def serialized(self) -> str:
        """The name."""
        return self.name

    def __repr__(self) -> str:
        return f"<function {self.name}>"


_BY_NAME = {one.name: ActivationFunction(one.name) for one in nn.ACTIVATIONS.values()}
_FUNCTIONS = {spelling: _BY_NAME[one.name] for spelling, one in nn.ACTIVATIONS.items()}

linear = _FUNCTIONS["linear"]
relu = _FUNCTIONS["relu"]
relu6 = _FUNCTIONS["relu6"]
leaky_relu = _FUNCTIONS["leaky_relu"]
elu = _FUNCTIONS["elu"]
selu = _FUNCTIONS["selu"]
celu = _FUNCTIONS["celu"]
gelu = _FUNCTIONS["gelu"]
glu = _FUNCTIONS["glu"]
silu = swish = _FUNCTIONS["silu"]
hard_silu = hard_swish = _FUNCTIONS["hard_silu"]
mish = _FUNCTIONS["mish"]
sigmoid = _FUNCTIONS["sigmoid"]
hard_sigmoid = _FUNCTIONS["hard_sigmoid"]
sparse_sigmoid = _FUNCTIONS["sparse_sigmoid"]
log_sigmoid = _FUNCTIONS["log_sigmoid"]
tanh = _FUNCTIONS["tanh"]
hard_tanh = _FUNCTIONS["hard_tanh"]
tanh_shrink = _FUNCTIONS["tanh_shrink"]
soft_shrink = _FUNCTIONS["soft_shrink"]
hard_shrink = _FUNCTIONS["hard_shrink"]
softmax = _FUNCTIONS["softmax"]
log_softmax = _FUNCTIONS["log_softmax"]
sparsemax = _FUNCTIONS["sparsemax"]
softplus = _FUNCTIONS["softplus"]
sparse_plus = _FUNCTIONS["sparse_plus"]
squareplus = _FUNCTIONS["squareplus"]
softsign = _FUNCTIONS["softsign"]
exponential = _FUNCTIONS["exponential"]

_REGISTRY = Registry("activation", ActivationFunction, (), _FUNCTIONS)


def get(identifier: Any) -> ActivationFunction:
    """The activation of a name, configuration or function of this module; None is linear.

    Raises KerasError if it is unknown, NotSupportedError for layers and functions of the script.
    """
    if hasattr(type(identifier), "nn_class"):
        layer = type(identifier).__name__
        raise NotSupportedError(
            f"a layer as an activation is not supported: add {layer}(…) after the layer instead of "
            f"activation={layer}(…)"
        )
    found: ActivationFunction | None = _REGISTRY.get(identifier)
    return linear if found is None else found


def to_nn(activation: ActivationFunction) -> str:
    """The name by which layers of `hoiquy.nn` take it."""
    return activation.name


def serialize(activation: Any) -> str:
    """The configuration of an activation: its name."""
    return get(activation).name


def deserialize(config: Any, custom_objects: Any = None) -> ActivationFunction:
    """The activation of a configuration. Raises KerasError if it is malformed."""
    found: ActivationFunction | None = _REGISTRY.deserialize(config)
    return linear if found is None else found
