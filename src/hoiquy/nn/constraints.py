"""Projections of parameters after each update, as in Keras 3."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hoiquy.errors import InputError
from hoiquy.nn.kernels import Array

Axis = int | tuple[int, ...]

_EPSILON = 1e-7  # keras.config.epsilon()


class Constraint(Protocol):
    """A condition on a parameter."""

    def project(self, array: Array) -> Array:
        """The nearest array that meets the condition, in the same shape and dtype."""


@dataclass(frozen=True)
class MaxNorm:
    """Norms along an axis at most max_value: those of the inputs of each unit for axis 0."""

    max_value: float = 2.0
    axis: Axis = 0

    def project(self, array: Array) -> Array:
        norms = _norms(array, self.axis)
        return _with_norms(array, norms, np.minimum(norms, array.dtype.type(self.max_value)))


@dataclass(frozen=True)
class NonNeg:
    """Not negative."""

    def project(self, array: Array) -> Array:
        return np.maximum(array, 0)


@dataclass(frozen=True)
class UnitNorm:
    """Norms along an axis of 1."""

    axis: Axis = 0

    def project(self, array: Array) -> Array:
        norms = _norms(array, self.axis)
        return _with_norms(array, norms, np.ones_like(norms))


@dataclass(frozen=True)
class MinMaxNorm:
    """Norms along an axis moved into [min_value, max_value] by the share `rate` of the way."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: Axis = 0

    def __post_init__(self) -> None:
        if self.min_value > self.max_value:
            raise InputError(f"min_value={self.min_value} is above max_value={self.max_value}")

    def project(self, array: Array) -> Array:
        norms, kind = _norms(array, self.axis), array.dtype.type
        within = np.clip(norms, kind(self.min_value), kind(self.max_value))
        wanted = kind(self.rate) * within + kind(1 - self.rate) * norms
        return _with_norms(array, norms, wanted)


def _norms(array: Array, axis: Axis) -> Array:
    return np.asarray(np.sqrt(np.square(array).sum(axis=axis, keepdims=True)))


def _with_norms(array: Array, norms: Array, wanted: Array) -> Array:
    return np.asarray(array * (wanted / (array.dtype.type(_EPSILON) + norms)))
