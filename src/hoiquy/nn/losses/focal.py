"""Focal cross-entropies, which weigh well-predicted entries less (Lin et al. 2017), as in Keras."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.base import EPSILON, Loss, LossValues, MeanLoss, clipped
from hoiquy.nn.losses.crossentropy import Shares, smoothed_classes
from hoiquy.nn.losses.output import log_softmax, sigmoid


@dataclass(frozen=True)
class BinaryFocalCrossentropy(MeanLoss):
    """Binary cross-entropy times (1 - p of the true label)^gamma.

    apply_class_balancing: whether entries are weighted by alpha for 1 and 1 - alpha for 0.
    alpha, gamma: see above.
    from_logits: whether the predictions are logits.
    label_smoothing: moves targets towards 0.5 by this share.
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0
    keras_name: ClassVar[str] = "binary_focal_crossentropy"

    def entries(self, predictions: Array, targets: Array) -> Array:
        p, t = self._probabilities(predictions), self._smoothed(targets)
        entropy, _ = self._entropy(p, t)
        factor = (1 - self._p_true(p, t)) ** p.dtype.type(self.gamma)
        return np.asarray(self._weights(t) * factor * entropy)

    def slopes(self, predictions: Array, targets: Array) -> Array:
        p, t = self._probabilities(predictions), self._smoothed(targets)
        entropy, d_entropy = self._entropy(p, t)
        rest, gamma = 1 - self._p_true(p, t), p.dtype.type(self.gamma)
        power = gamma * rest ** (gamma - 1) if self.gamma else np.zeros_like(rest)
        d_factor = power * (1 - 2 * t)  # the derivative of p_true by p is 2 t - 1
        slopes = self._weights(t) * (d_factor * entropy + rest**gamma * d_entropy)
        return np.asarray(slopes * p * (1 - p) if self.from_logits else slopes)

    def _probabilities(self, predictions: Array) -> Array:
        return sigmoid(predictions) if self.from_logits else predictions

    def _smoothed(self, targets: Array) -> Array:
        kind = targets.dtype.type
        return targets * kind(1 - self.label_smoothing) + kind(0.5 * self.label_smoothing)

    def _weights(self, targets: Array) -> Array:
        kind = targets.dtype.type
        if not self.apply_class_balancing:
            return np.ones((), targets.dtype)
        return targets * kind(self.alpha) + (1 - targets) * kind(1 - self.alpha)

    @staticmethod
    def _p_true(p: Array, targets: Array) -> Array:
        return targets * p + (1 - targets) * (1 - p)

    @staticmethod
    def _entropy(p: Array, targets: Array) -> tuple[Array, Array]:
        """The cross-entropy of clipped probabilities, and its derivative by p."""
        q, inside = clipped(p, EPSILON, 1 - EPSILON)
        entropy = -(targets * np.log(q) + (1 - targets) * np.log(1 - q))
        slopes = (1 - targets) / (1 - q) - targets / q
        return entropy, np.where(inside, slopes, 0).astype(p.dtype)


@dataclass(frozen=True)
class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy, each class times alpha (1 - p)^gamma.

    alpha: one number, or one for each class. gamma: see above.
    from_logits: whether the predictions are logits; else each row is divided by its sum.
    label_smoothing: moves targets towards the uniform distribution by this share.
    """

    alpha: float | tuple[float, ...] = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0
    keras_name: ClassVar[str] = "categorical_focal_crossentropy"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        wanted = smoothed_classes(targets, self.label_smoothing)
        given = predictions
        if self.from_logits:
            rows = predictions.reshape(-1, predictions.shape[-1])
            given = np.exp(log_softmax(rows)).astype(rows.dtype).reshape(predictions.shape)
        shares, gamma = Shares(given), given.dtype.type(self.gamma)
        q, alpha = shares.clipped, np.asarray(self.alpha, given.dtype)
        values = -(alpha * (1 - q) ** gamma * wanted * np.log(q)).sum(axis=-1)

        def backward(d_values: Array) -> Array:
            power = gamma * (1 - q) ** (gamma - 1) if self.gamma else np.zeros_like(q)
            slopes = alpha * wanted * (power * np.log(q) - (1 - q) ** gamma / q)
            d_given = shares.backward(d_values[..., None] * slopes)
            if not self.from_logits:
                return d_given
            along = (d_given * given).sum(axis=-1, keepdims=True)
            return np.asarray(given * (d_given - along))

        return LossValues(np.asarray(values), backward)
