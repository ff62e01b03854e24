"""Keras 3's metrics, updated batch by batch."""

from collections.abc import Callable
from functools import partial
from typing import Any

from hoiquy.nn import losses
from hoiquy.nn.metrics.streaming.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    resolve_accuracy,
)
from hoiquy.nn.metrics.streaming.base import MeanMetric, Metric
from hoiquy.nn.metrics.streaming.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from hoiquy.nn.metrics.streaming.curves import (
    AUC,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from hoiquy.nn.metrics.streaming.mean_losses import (
    CosineSimilarity,
    MeanOfLoss,
    RootMeanSquaredError,
    resolve_crossentropy,
)
from hoiquy.nn.metrics.streaming.scores import F1Score, FBetaScore, R2Score

__all__ = [
    "AUC", "METRICS", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "CosineSimilarity",
    "F1Score", "FBetaScore", "FalseNegatives", "FalsePositives", "MeanMetric", "MeanOfLoss",
    "Metric", "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision",
    "RootMeanSquaredError", "SensitivityAtSpecificity", "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity", "TopKCategoricalAccuracy",
    "TrueNegatives", "TruePositives", "mean_of_loss", "resolve_accuracy",
    "resolve_crossentropy",
]  # fmt: skip


def mean_of_loss(loss: type[losses.Loss], default: str, name: str = "", **settings: Any) -> Metric:
    """The mean of a loss with some settings; `default` is Keras' name for it."""
    return MeanOfLoss(loss(**settings), name=name or default)


# By Keras' class names: what makes a metric from its settings.
METRICS: dict[str, Callable[..., Metric]] = {
    **{
        kind.__name__: kind
        for kind in (
            AUC, Accuracy, BinaryAccuracy, CategoricalAccuracy, CosineSimilarity, F1Score,
            FBetaScore, FalseNegatives, FalsePositives, Precision, PrecisionAtRecall, R2Score,
            Recall, RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity,
            SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy, SpecificityAtSensitivity,
            TopKCategoricalAccuracy, TrueNegatives, TruePositives,
        )
    },
    **{
        kind.__name__: partial(mean_of_loss, kind, kind.keras_name)
        for kind in (
            losses.BinaryCrossentropy, losses.CategoricalCrossentropy, losses.CategoricalHinge,
            losses.Hinge, losses.KLDivergence, losses.MeanAbsoluteError,
            losses.MeanAbsolutePercentageError, losses.MeanSquaredError,
            losses.MeanSquaredLogarithmicError, losses.Poisson,
            losses.SparseCategoricalCrossentropy, losses.SquaredHinge,
        )
    },
    "LogCoshError": partial(mean_of_loss, losses.LogCosh, "logcosh"),
}  # fmt: skip
