"""Keras' losses as classes."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.losses.base import Loss, arguments
from hoiquy.nn import losses as nn


class MeanSquaredError(Loss):
    """The mean of (p - t)²."""

    NN = nn.MeanSquaredError
    ARGUMENTS = arguments("mean_squared_error")


class MeanAbsoluteError(Loss):
    """The mean of |p - t|."""

    NN = nn.MeanAbsoluteError
    ARGUMENTS = arguments("mean_absolute_error")


class MeanAbsolutePercentageError(Loss):
    """The mean of 100 |p - t| / |t|."""

    NN = nn.MeanAbsolutePercentageError
    ARGUMENTS = arguments("mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(Loss):
    """The mean of (log(1 + p) - log(1 + t))²."""

    NN = nn.MeanSquaredLogarithmicError
    ARGUMENTS = arguments("mean_squared_logarithmic_error")


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between predictions and targets."""

    NN = nn.CosineSimilarity
    ARGUMENTS = arguments("cosine_similarity", axis=-1)


class Huber(Loss):
    """Half the squared error up to delta, from there linear."""

    NN = nn.Huber
    ARGUMENTS = arguments("huber_loss", delta=1.0)


class LogCosh(Loss):
    """The mean of log(cosh(p - t))."""

    NN = nn.LogCosh
    ARGUMENTS = arguments("log_cosh")


class Hinge(Loss):
    """The mean of max(1 - t p, 0)."""

    NN = nn.Hinge
    ARGUMENTS = arguments("hinge")


class SquaredHinge(Loss):
    """The mean of max(1 - t p, 0)²."""

    NN = nn.SquaredHinge
    ARGUMENTS = arguments("squared_hinge")


class CategoricalHinge(Loss):
    """The hinge loss of one-hot targets."""

    NN = nn.CategoricalHinge
    ARGUMENTS = arguments("categorical_hinge")


class KLDivergence(Loss):
    """The Kullback-Leibler divergence."""

    NN = nn.KLDivergence
    ARGUMENTS = arguments("kl_divergence")


class Poisson(Loss):
    """The mean of p - t log p."""

    NN = nn.Poisson
    ARGUMENTS = arguments("poisson")


class BinaryCrossentropy(Loss):
    """Binary cross-entropy, for one label or several independent ones."""

    NN = nn.BinaryCrossentropy
    ARGUMENTS = arguments("binary_crossentropy", from_logits=False, label_smoothing=0.0, axis=-1)


class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy that weighs well-predicted labels less."""

    NN = nn.BinaryFocalCrossentropy
    ARGUMENTS = arguments(
        "binary_focal_crossentropy", apply_class_balancing=False, alpha=0.25, gamma=2.0,
        from_logits=False, label_smoothing=0.0, axis=-1,
    )  # fmt: skip


class CategoricalCrossentropy(Loss):
    """Cross-entropy with one-hot targets."""

    NN = nn.CategoricalCrossentropy
    ARGUMENTS = arguments(
        "categorical_crossentropy", from_logits=False, label_smoothing=0.0, axis=-1
    )


class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy that weighs well-predicted classes less."""

    NN = nn.CategoricalFocalCrossentropy
    ARGUMENTS = arguments(
        "categorical_focal_crossentropy", alpha=0.25, gamma=2.0, from_logits=False,
        label_smoothing=0.0, axis=-1,
    )  # fmt: skip

    def nn_settings(self) -> dict[str, Any]:
        settings = super().nn_settings()
        alpha = settings["alpha"]
        return {**settings, "alpha": alpha if np.ndim(alpha) == 0 else tuple(alpha)}


class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy with class indices as targets."""

    NN = nn.SparseCategoricalCrossentropy
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "from_logits": False,
        "ignore_class": None,
        "reduction": "sum_over_batch_size",
        "axis": -1,
        "name": "sparse_categorical_crossentropy",
        "dtype": None,
    }
