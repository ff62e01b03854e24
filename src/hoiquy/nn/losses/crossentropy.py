"""Cross-entropies of probabilities or logits, as in Keras 3.

Probabilities are clipped to [1e-7, 1 - 1e-7], as Keras does, so that outputs that are confidently
wrong get no gradient. `values_from_logits` needs no clipping: use it after a sigmoid or softmax.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses import output
from hoiquy.nn.losses.base import EPSILON, Loss, LossValues, MeanLoss, clipped
from hoiquy.nn.losses.targets import class_indices, fitted_targets


@dataclass(frozen=True)
class BinaryCrossentropy(MeanLoss):
    """Binary cross-entropy, the mean over the last axis; targets are from 0 to 1.

    from_logits: whether the predictions are logits.
    label_smoothing: moves targets towards 0.5 by this share.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    fused_activation: ClassVar[Literal["sigmoid", "softmax"] | None] = "sigmoid"
    keras_name: ClassVar[str] = "binary_crossentropy"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        if self.from_logits:
            return self.values_from_logits(predictions, targets)
        return super()._values(predictions, self._smoothed(targets))

    def entries(self, predictions: Array, targets: Array) -> Array:
        p, _ = clipped(predictions, EPSILON, 1 - EPSILON)
        return np.asarray(-(targets * np.log(p) + (1 - targets) * np.log(1 - p)))

    def slopes(self, predictions: Array, targets: Array) -> Array:
        p, inside = clipped(predictions, EPSILON, 1 - EPSILON)
        slopes = (1 - targets) / (1 - p) - targets / p
        return np.where(inside, slopes, 0).astype(predictions.dtype)

    def values_from_logits(self, logits: Array, targets: NDArray[Any]) -> LossValues:
        fitted, wanted = fitted_targets(logits, targets, self.name)
        return _as_rows(output.binary_crossentropy, fitted, self._smoothed(wanted), logits.shape)

    def _smoothed(self, targets: Array) -> Array:
        outside = (targets < 0) | (targets > 1)
        if outside.any():
            wrong = targets[outside].flat[0]
            raise DataError(
                f"{self.name}: target {wrong:g} is outside 0 to 1; encode labels as 0, 1"
            )
        if not self.label_smoothing:
            return targets
        kind = targets.dtype.type
        return targets * kind(1 - self.label_smoothing) + kind(0.5 * self.label_smoothing)


@dataclass(frozen=True)
class CategoricalCrossentropy(Loss):
    """Cross-entropy with one-hot targets or distributions over the last axis.

    from_logits: whether the predictions are logits; else each row is divided by its sum.
    label_smoothing: moves targets towards the uniform distribution by this share.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    fused_activation: ClassVar[Literal["sigmoid", "softmax"] | None] = "softmax"
    keras_name: ClassVar[str] = "categorical_crossentropy"

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        if self.from_logits:
            return self.values_from_logits(predictions, targets)
        wanted = smoothed_classes(targets, self.label_smoothing)
        shares = Shares(predictions)
        values = -(wanted * np.log(shares.clipped)).sum(axis=-1)
        return LossValues(
            np.asarray(values),
            lambda d_values: shares.backward(-d_values[..., None] * wanted / shares.clipped),
        )

    def values_from_logits(self, logits: Array, targets: NDArray[Any]) -> LossValues:
        fitted, wanted = fitted_targets(logits, targets, self.name)
        wanted = smoothed_classes(wanted, self.label_smoothing)
        return _as_rows(output.categorical_crossentropy, fitted, wanted, logits.shape)


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy with class indices as targets.

    from_logits: whether the predictions are logits; else each row is divided by its sum.
    ignore_class: targets of this class count neither in the loss nor in the mean.
    """

    from_logits: bool = False
    ignore_class: int | None = None
    fused_activation: ClassVar[Literal["sigmoid", "softmax"] | None] = "softmax"
    keras_name: ClassVar[str] = "sparse_categorical_crossentropy"

    def values(self, predictions: Array, targets: NDArray[Any]) -> LossValues:
        """As `Loss.values`, with targets (...) or (..., 1) of class indices.

        Raises:
            ShapeError: The shapes disagree.
            DataError: A target is not a class of the predictions.
        """
        if self.from_logits:
            return self.values_from_logits(predictions, targets)
        indices = class_indices(predictions, targets, self.name, self.ignore_class)
        counts = (indices >= 0).astype(predictions.dtype)
        places = np.maximum(indices, 0)[..., None]
        shares = Shares(np.where(counts[..., None] > 0, predictions, 1))
        chosen = np.take_along_axis(shares.clipped, places, axis=-1)[..., 0]

        def backward(d_values: Array) -> Array:
            d_shares = np.zeros_like(shares.clipped)
            np.put_along_axis(d_shares, places, (-d_values * counts / chosen)[..., None], axis=-1)
            return shares.backward(d_shares)

        return LossValues(-np.log(chosen) * counts, backward)

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        return self.values(predictions, targets)

    def values_shape(
        self, predictions: tuple[int, ...], targets: tuple[int, ...]
    ) -> tuple[int, ...]:
        return predictions[:-1]

    def target_mask(self, predictions: Array, targets: NDArray[Any]) -> Mask | None:
        if self.ignore_class is None:
            return None
        return class_indices(predictions, targets, self.name, self.ignore_class) >= 0

    def values_from_logits(self, logits: Array, targets: NDArray[Any]) -> LossValues:
        indices = class_indices(logits, targets, self.name, self.ignore_class)
        counts = (indices >= 0).astype(logits.dtype)
        places = np.maximum(indices, 0)[..., None]
        rows = logits.reshape(-1, logits.shape[-1])
        log_p = output.log_softmax(rows).reshape(logits.shape)  # float64
        chosen = np.take_along_axis(log_p, places, axis=-1)[..., 0]

        def backward(d_values: Array) -> Array:
            gradient = np.exp(log_p)
            ones = np.take_along_axis(gradient, places, axis=-1) - 1
            np.put_along_axis(gradient, places, ones, axis=-1)
            return np.asarray((d_values * counts)[..., None] * gradient.astype(logits.dtype))

        return LossValues(-chosen.astype(logits.dtype) * counts, backward)


class Shares:
    """Predictions divided by their sum along the last axis, then clipped, and the way back."""

    def __init__(self, predictions: Array) -> None:
        self.sums = predictions.sum(axis=-1, keepdims=True)
        self.shares = predictions / self.sums
        self.clipped, self._inside = clipped(self.shares, EPSILON, 1 - EPSILON)

    def backward(self, d_clipped: Array) -> Array:
        """Gradient of the clipped shares → gradient of the predictions."""
        d_shares = np.where(self._inside, d_clipped, 0).astype(self.shares.dtype)
        along = (d_shares * self.shares).sum(axis=-1, keepdims=True)
        return np.asarray((d_shares - along) / self.sums)


def smoothed_classes(targets: Array, smoothing: float) -> Array:
    """One-hot targets moved towards the uniform distribution by a share."""
    if not smoothing:
        return targets
    kind = targets.dtype.type
    return targets * kind(1 - smoothing) + kind(smoothing / targets.shape[-1])


def _as_rows(
    losses: Callable[[Array, Array], tuple[Array, Array]],
    logits: Array, targets: Array, shape: tuple[int, ...],
) -> LossValues:  # fmt: skip
    """Compute a loss of rows, the same that recipes use, for arrays of any rank."""
    classes = logits.shape[-1]
    values, gradient = losses(logits.reshape(-1, classes), targets.reshape(-1, classes))

    def backward(d_values: Array) -> Array:
        return np.asarray(d_values.reshape(-1, 1) * gradient).reshape(shape)

    return LossValues(values.reshape(logits.shape[:-1]), backward)
