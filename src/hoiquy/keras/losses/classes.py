"""Keras' losses as classes."""

from typing import Any

import numpy as np

from hoiquy.keras.losses.base import Loss
from hoiquy.nn import losses as nn

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalHinge", "CosineSimilarity", "Hinge", "Huber",
    "KLDivergence", "LogCosh", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson",
    "SparseCategoricalCrossentropy", "SquaredHinge",
]  # fmt: skip


class MeanSquaredError(Loss):
    """The mean of (p - t)²."""

    NN = nn.MeanSquaredError
    name = "mean_squared_error"


class MeanAbsoluteError(Loss):
    """The mean of |p - t|."""

    NN = nn.MeanAbsoluteError
    name = "mean_absolute_error"


class MeanAbsolutePercentageError(Loss):
    """The mean of 100 |p - t| / |t|."""

    NN = nn.MeanAbsolutePercentageError
    name = "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(Loss):
    """The mean of (log(1 + p) - log(1 + t))²."""

    NN = nn.MeanSquaredLogarithmicError
    name = "mean_squared_logarithmic_error"


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between predictions and targets."""

    NN = nn.CosineSimilarity
    name = "cosine_similarity"
    axis: int = -1


class Huber(Loss):
    """Half the squared error up to delta, from there linear."""

    NN = nn.Huber
    name = "huber_loss"
    delta: float = 1.0


class LogCosh(Loss):
    """The mean of log(cosh(p - t))."""

    NN = nn.LogCosh
    name = "log_cosh"


class Hinge(Loss):
    """The mean of max(1 - t p, 0)."""

    NN = nn.Hinge
    name = "hinge"


class SquaredHinge(Loss):
    """The mean of max(1 - t p, 0)²."""

    NN = nn.SquaredHinge
    name = "squared_hinge"


class CategoricalHinge(Loss):
    """The hinge loss of one-hot targets."""

    NN = nn.CategoricalHinge
    name = "categorical_hinge"


class KLDivergence(Loss):
    """The Kullback-Leibler divergence."""

    NN = nn.KLDivergence
    name = "kl_divergence"


class Poisson(Loss):
    """The mean of p - t log p."""

    NN = nn.Poisson
    name = "poisson"


class _Crossentropy(Loss):
    from_logits: bool = False
    label_smoothing: float = 0.0
    axis: int = -1


class BinaryCrossentropy(_Crossentropy):
    """Binary cross-entropy, for one label or several independent ones."""

    NN = nn.BinaryCrossentropy
    name = "binary_crossentropy"


class BinaryFocalCrossentropy(_Crossentropy):
    """Binary cross-entropy that weighs well-predicted labels less."""

    NN = nn.BinaryFocalCrossentropy
    name = "binary_focal_crossentropy"
    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0


class CategoricalCrossentropy(_Crossentropy):
    """Cross-entropy with one-hot targets."""

    NN = nn.CategoricalCrossentropy
    name = "categorical_crossentropy"


class CategoricalFocalCrossentropy(_Crossentropy):
    """Categorical cross-entropy that weighs well-predicted classes less."""

    NN = nn.CategoricalFocalCrossentropy
    name = "categorical_focal_crossentropy"
    alpha: float = 0.25
    gamma: float = 2.0

    def nn_settings(self) -> dict[str, Any]:
        settings = super().nn_settings()
        alpha = settings["alpha"]
        return {**settings, "alpha": alpha if np.ndim(alpha) == 0 else tuple(alpha)}


class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy with class indices as targets."""

    NN = nn.SparseCategoricalCrossentropy
    from_logits: bool = False
    ignore_class: int | None = None
    reduction: str = "sum_over_batch_size"
    axis: int = -1
    name: str = "sparse_categorical_crossentropy"
