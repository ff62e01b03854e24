"""Keras' constraints: their classes and names."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.keras.configured import Configured, ScriptFunction
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.late import late
from hoiquy.keras.registry import Registry
from hoiquy.nn import constraints as nn


class Constraint(Configured):
    """Projects an array after each update: `constraint(array)`.

    A class of the script has `__call__`.
    """

    MODULE = "keras.constraints"

    def make(self) -> Any:
        """The constraint of `hoiquy.nn`; that of a script's class runs its `__call__`."""
        if self.defines("__call__", Constraint):
            return late("values.projection").Projection(self)
        return super().make()

    def __call__(self, w: ArrayLike) -> NDArray[Any]:
        """The projected array."""
        return np.asarray(super().make().project(np.asarray(w, np.float32)))


class ScriptConstraint(ScriptFunction):
    """A function of the script as a constraint."""

    def make(self) -> Any:
        """The constraint of `hoiquy.nn`."""
        return late("values.projection").Projection(self.function)


class _OfNorms(Constraint):
    axis: Any = 0

    def _check(self) -> None:
        if isinstance(self.axis, list):
            self.axis = tuple(self.axis)
        super()._check()


class MaxNorm(_OfNorms):
    """Norms along an axis at most `max_value`."""

    NN = nn.MaxNorm
    max_value: float = 2
    OLDER: ClassVar[Mapping[str, str]] = {"m": "max_value"}


class NonNeg(Constraint):
    """Not negative."""

    NN = nn.NonNeg


class UnitNorm(_OfNorms):
    """Norms along an axis of 1."""

    NN = nn.UnitNorm


class MinMaxNorm(_OfNorms):
    """Norms along an axis between two values."""

    NN = nn.MinMaxNorm
    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0


max_norm = maxnorm = MaxNorm  # names of Keras 1 and 2
non_neg = nonneg = NonNeg
unit_norm = unitnorm = UnitNorm
min_max_norm = MinMaxNorm

_REGISTRY = Registry(
    "constraint",
    (Constraint, ScriptConstraint),
    (MaxNorm, NonNeg, UnitNorm, MinMaxNorm),
    {"maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm},
    from_script=ScriptConstraint,
)


def get(identifier: Any) -> Any:
    """The constraint of a name, class, configuration, object or function of the script.

    Raises KerasError if it is unknown.
    """
    return _REGISTRY.get(identifier)


def to_nn(constraint: Any) -> Any:
    """The constraint of `hoiquy.nn`."""
    return None if constraint is None else constraint.make()


def serialize(constraint: Any) -> Any:
    """The configuration of a constraint."""
    return _serialized(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The constraint of a configuration. Raises KerasError if it is malformed."""
    return _REGISTRY.deserialize(config)
