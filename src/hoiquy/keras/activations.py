"""Keras' activation functions and their names."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hoiquy.keras.custom_objects import get_registered_name
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.names import function_name
from hoiquy.keras.registry import Registry
from hoiquy.keras.tensors import KerasTensor
from hoiquy.keras.values.operators import TensorOperators
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

    def __call__(self, x: Any = None, *positional: Any, **settings: Any) -> Any:
        """The values, float32. Some functions have settings, such as relu's negative_slope.

        Of a symbolic tensor without settings: that of the layer `Activation`. In the code of a
        layer: what `keras.ops` has.
        """
        for name in ("features", "logits"):  # TensorFlow's names of x
            x = settings.pop(name, x)
        settings.pop("name", None)
        if isinstance(x, KerasTensor) and not positional and not settings:
            return late("layers.core").Activation(self)(x)
        if isinstance(x, TensorOperators):
            return self._within_code(x, positional, settings)
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

    def _within_code(self, x: Any, positional: Any, settings: Any) -> Any:
        if self.name == "linear":
            return x
        ops = late("ops")
        if not hasattr(ops, self.name):
            raise NotSupportedError(f"{self.name} is not supported in the code of a layer")
        return getattr(ops, self.name)(x, *positional, **settings)

    def serialized(self) -> Any:
        """The name."""
        return self.name

    def to_nn(self) -> Any:
        """The name, or the activation of `hoiquy.nn` itself, as its layers take it."""
        return self.name

    def __repr__(self) -> str:
        return f"<function {self.name}>"


class ScriptActivation(ActivationFunction):
    """A function of the script, or an activation layer, as an activation."""

    def __init__(self, function: Any) -> None:
        super().__init__(function_name(function))
        self.function = function

    def __call__(self, x: Any = None, *positional: Any, **settings: Any) -> Any:
        """What the function gives."""
        return self.function(x, *positional, **settings)

    def serialized(self) -> Any:
        """The configuration of the layer, or the registered name of the function."""
        if isinstance(self.function, late("layers.base").Layer):
            return late("models.configuration").serialized_layer(self.function)
        return get_registered_name(self.function)

    def to_nn(self) -> nn.Activation:
        """The activation of `hoiquy.nn`: one step that autograd differentiates."""
        made: nn.Activation = late("values.traced_activation").traced_activation(
            self.name, self.function
        )
        return made


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

_REGISTRY = Registry("activation", ActivationFunction, (), _FUNCTIONS, from_script=ScriptActivation)


def get(identifier: Any) -> ActivationFunction:
    """The activation of a name, configuration, function or layer; None is linear.

    Raises KerasError if it is unknown, NotSupportedError for a layer that has weights.
    """
    if isinstance(identifier, Mapping):
        name = identifier.get("class_name")
        if name in late("layers").__all__:
            identifier = late("models.configuration").layer_from_config(identifier)
    if getattr(type(identifier), "nn_class", None) is not None and type(identifier).__name__ in (
        "PReLU", "Dense",
    ):  # fmt: skip
        layer = type(identifier).__name__
        raise NotSupportedError(
            f"a layer with weights as an activation is not supported: add {layer}(…) after the "
            f"layer instead of activation={layer}(…)"
        )
    if str(getattr(identifier, "__module__", "")).startswith("hoiquy."):
        name = getattr(identifier, "__name__", None)  # of keras.ops, keras.backend and tf.nn
        identifier = _FUNCTIONS.get(str(name), identifier)
    found: ActivationFunction | None = _REGISTRY.get(identifier)
    return linear if found is None else found


def to_nn(activation: ActivationFunction) -> Any:
    """The name by which layers of `hoiquy.nn` take it, or what computes it."""
    return activation.to_nn()


def serialize(activation: Any) -> Any:
    """The configuration of an activation: its name, or that of a layer."""
    return get(activation).serialized()


def deserialize(config: Any, custom_objects: Any = None) -> ActivationFunction:
    """The activation of a configuration. Raises KerasError if it is malformed."""
    return get(config)
