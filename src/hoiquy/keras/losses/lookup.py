"""Finds losses by name."""

from typing import Any

from hoiquy.keras.configured import serialized
from hoiquy.keras.losses import classes, functions
from hoiquy.keras.losses.base import Loss, LossFunction, ScriptLossFunction
from hoiquy.keras.registry import Registry
from hoiquy.nn import losses as nn

Shape = tuple[int | None, ...]

_CLASSES = [getattr(classes, name) for name in classes.__all__]
_FUNCTIONS = {name: getattr(functions, name) for name in functions.__all__}
_KINDS = (Loss, LossFunction, ScriptLossFunction)
_REGISTRY = Registry("loss", _KINDS, _CLASSES, _FUNCTIONS, from_script=ScriptLossFunction)


def get(identifier: Any) -> Loss | LossFunction | None:
    """The loss of a name, class, configuration, object, or function of the script.

    Raises KerasError if it is unknown.
    """
    found: Loss | LossFunction | None = _REGISTRY.get(identifier)
    return found


def serialize(loss: Any) -> Any:
    """The configuration of a loss."""
    return serialized(loss)


def deserialize(config: Any, custom_objects: Any = None) -> Loss | LossFunction | None:
    """The loss of a configuration. Raises KerasError if it is malformed."""
    found: Loss | LossFunction | None = _REGISTRY.deserialize(config)
    return found


def to_nn(loss: Loss | LossFunction | None) -> nn.Loss | None:
    """The loss of `hoiquy.nn`."""
    return None if loss is None else loss.make()


def resolve(identifier: Any, targets: Shape, predictions: Shape) -> nn.Loss | None:
    """The loss that `compile` takes for an output; "crossentropy" depends on the shapes.

    Raises KerasError if it is unknown.
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        return nn.resolve_crossentropy(targets, predictions)
    return to_nn(get(identifier))
