"""Hinge losses and the Kullback-Leibler divergence, as in Keras 3."""

from typing import ClassVar

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.base import EPSILON, Loss, LossValues, MeanLoss, clipped


def signed_labels(targets: Array) -> Array:
    """Labels -1 and 1; where all targets are 0 or 1, those stand for -1 and 1."""
    is_binary = bool(((targets == 0) | (targets == 1)).all())
    return 2 * targets - 1 if is_binary else targets


class Hinge(MeanLoss):
    """max(1 - t p, 0), targets -1 and 1, or 0 and 1."""

    keras_name: ClassVar[str] = "hinge"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return np.maximum(1 - signed_labels(targets) * predictions, 0)

    def slopes(self, predictions: Array, targets: Array) -> Array:
        labels = signed_labels(targets)
        return np.where(1 - labels * predictions > 0, -labels, 0).astype(predictions.dtype)


class SquaredHinge(MeanLoss):
    """max(1 - t p, 0)², targets -1 and 1, or 0 and 1."""

    keras_name: ClassVar[str] = "squared_hinge"

    def entries(self, predictions: Array, targets: Array) -> Array:
        return np.asarray(np.square(np.maximum(1 - signed_labels(targets) * predictions, 0)))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        labels = signed_labels(targets)
        return -2 * labels * np.maximum(1 - labels * predictions, 0)


class CategoricalHinge(Loss):
    """max(1 + the largest p of the other classes - p of the true class, 0), targets one-hot."""

    keras_name: ClassVar[str] = "categorical_hinge"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        others = (1 - targets) * predictions
        margins = others.max(axis=-1) - (targets * predictions).sum(axis=-1) + 1

        def backward(d_values: Array) -> Array:
            largest = others == others.max(axis=-1, keepdims=True)
            share = largest / largest.sum(axis=-1, keepdims=True)  # equal ones share it
            d_margins = np.where(margins > 0, d_values, 0)[..., None]
            d_predictions = d_margins * (share * (1 - targets) - targets)
            return np.asarray(d_predictions.astype(predictions.dtype))

        return LossValues(np.maximum(margins, 0), backward)


class KLDivergence(Loss):
    """Σ t log(t / p), both clipped to [1e-7, 1] (Kullback and Leibler 1951)."""

    keras_name: ClassVar[str] = "kl_divergence"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        wanted = np.clip(targets, targets.dtype.type(EPSILON), 1)
        given, inside = clipped(predictions, EPSILON, 1.0)
        values = (wanted * np.log(wanted / given)).sum(axis=-1)

        def backward(d_values: Array) -> Array:
            slopes = np.where(inside, -wanted / given, 0).astype(predictions.dtype)
            return np.asarray(d_values[..., None] * slopes)

        return LossValues(np.asarray(values), backward)
