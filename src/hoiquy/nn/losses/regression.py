"""Losses of numbers: squared, absolute and relative errors, as in Keras 3."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.base import EPSILON, Loss, LossValues, MeanLoss


class MeanSquaredError(MeanLoss):
    """(p - t)²."""

    keras_name: ClassVar[str] = "mean_squared_error"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.square(predictions - targets))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        return 2 * (predictions - targets)


class MeanAbsoluteError(MeanLoss):
    """|p - t|; the gradient of a perfect prediction is 0."""

    keras_name: ClassVar[str] = "mean_absolute_error"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.abs(predictions - targets))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.sign(predictions - targets))


class MeanAbsolutePercentageError(MeanLoss):
    """100 |p - t| / max(|t|, 1e-7)."""

    keras_name: ClassVar[str] = "mean_absolute_percentage_error"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return 100 * np.abs((targets - predictions) / self._size(targets))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        return 100 * np.sign(predictions - targets) / self._size(targets)

    @staticmethod
    def _size(targets: Array) -> Array:
        return np.maximum(np.abs(targets), targets.dtype.type(EPSILON))


class MeanSquaredLogarithmicError(MeanLoss):
    """(log(1 + p) - log(1 + t))², p and t at least 1e-7."""

    keras_name: ClassVar[str] = "mean_squared_logarithmic_error"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.square(self._log(predictions) - self._log(targets)))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        difference = self._log(predictions) - self._log(targets)
        slopes = 2 * difference / (np.maximum(predictions, EPSILON) + 1)
        return np.where(predictions >= EPSILON, slopes, 0).astype(predictions.dtype)

    @staticmethod
    def _log(values: Array) -> Array:
        return np.asarray(np.log(np.maximum(values, values.dtype.type(EPSILON)) + 1))


@dataclass(frozen=True)
class Huber(MeanLoss):
    """Half the squared error up to delta, from there linear (Huber 1964)."""

    delta: float = 1.0
    keras_name: ClassVar[str] = "huber_loss"

    def entries(self, predictions: Array, targets: Array) -> Array:
        size = np.abs(predictions - targets)
        delta, half = size.dtype.type(self.delta), size.dtype.type(0.5)
        quadratic, linear = half * np.square(size), delta * size - half * np.square(delta)
        return np.asarray(np.where(size <= delta, quadratic, linear))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        kind = predictions.dtype.type
        return np.asarray(np.clip(predictions - targets, kind(-self.delta), kind(self.delta)))


class LogCosh(MeanLoss):
    """log(cosh(p - t))."""

    keras_name: ClassVar[str] = "log_cosh"

    def entries(self, predictions: Array, targets: Array) -> Array:
        size = np.abs(predictions - targets)  # log(cosh) is even
        return np.asarray(size + np.log1p(np.exp(-2 * size)) - size.dtype.type(math.log(2)))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.tanh(predictions - targets))


class Poisson(MeanLoss):
    """p - t log(p + 1e-7)."""

    keras_name: ClassVar[str] = "poisson"

    def entries(self, predictions: Array, targets: Array) -> Array:
        epsilon = predictions.dtype.type(EPSILON)
        return np.asarray(predictions - targets * np.log(predictions + epsilon))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        return 1 - targets / (predictions + predictions.dtype.type(EPSILON))


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between predictions and targets along the last axis."""

    keras_name: ClassVar[str] = "cosine_similarity"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        norms, scale = _norms(predictions)
        directions = predictions * scale
        wanted = targets * _norms(targets)[1]
        values = -(directions * wanted).sum(axis=-1)

        def backward(d_values: Array) -> Array:
            d_directions = -d_values[..., None] * wanted
            along = (d_directions * directions).sum(axis=-1, keepdims=True)
            # Below the lower bound of the norm, the scale is constant.
            free = norms > EPSILON
            return np.asarray(scale * (d_directions - np.where(free, along * directions, 0)))

        return LossValues(np.asarray(values), backward)


def _norms(values: Array) -> tuple[Array, Array]:
    """Norms along the last axis, and 1 / max(norm, 1e-7)."""
    norms = np.sqrt(np.square(values).sum(axis=-1, keepdims=True))
    return norms, 1 / np.maximum(norms, values.dtype.type(EPSILON))
