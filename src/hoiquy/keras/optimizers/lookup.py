"""Finds optimizers by name."""

from typing import Any

from hoiquy.keras.configured import serialized
from hoiquy.keras.optimizers import classes
from hoiquy.keras.optimizers.base import Optimizer
from hoiquy.keras.registry import Registry
from hoiquy.nn import optimizers as nn

_CLASSES = [getattr(classes, name) for name in classes.__all__]
_REGISTRY = Registry("optimizer", Optimizer, _CLASSES, lower_case=True)


def get(identifier: Any) -> Any:
    """The optimizer of a name in any case, a class, a configuration or an object.

    Raises KerasError if it is unknown.
    """
    return _REGISTRY.get(identifier)


def to_nn(optimizer: Any) -> nn.Optimizer:
    """The optimizer of `hoiquy.nn`; always the same for an optimizer, with its state."""
    made: nn.Optimizer = optimizer.nn
    return made


def serialize(optimizer: Any) -> Any:
    """The configuration of an optimizer."""
    return serialized(optimizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The optimizer of a configuration. Raises KerasError if it is malformed."""
    return _REGISTRY.deserialize(config)
