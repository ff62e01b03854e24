"""Keras' metrics that are more than the mean of a loss."""

from collections.abc import Mapping
from typing import Any, ClassVar

from hoiquy.keras.arguments import REQUIRED
from hoiquy.keras.metrics.base import Metric
from hoiquy.nn.metrics import streaming


class Accuracy(Metric):
    """How often predictions equal targets."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"name": "accuracy", "dtype": None}
    direction = "up"


class BinaryAccuracy(Metric):
    """How often predictions above the threshold have target 1, others 0."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "name": "binary_accuracy",
        "dtype": None,
        "threshold": 0.5,
    }
    direction = "up"


class CategoricalAccuracy(Metric):
    """How often the largest prediction is where the target is largest."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"name": "categorical_accuracy", "dtype": None}
    direction = "up"


class SparseCategoricalAccuracy(Metric):
    """How often the largest prediction is that of the target, a class index."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "name": "sparse_categorical_accuracy",
        "dtype": None,
    }
    direction = "up"


class TopKCategoricalAccuracy(Metric):
    """How often the class of the target is among the k largest predictions."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "k": 5,
        "name": "top_k_categorical_accuracy",
        "dtype": None,
    }
    direction = "up"


class SparseTopKCategoricalAccuracy(Metric):
    """How often the target, a class index, is among the k largest predictions."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "k": 5,
        "name": "sparse_top_k_categorical_accuracy",
        "dtype": None,
        "from_sorted_ids": False,
    }
    direction = "up"


class _Count(Metric):
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"thresholds": None, "name": None, "dtype": None}


class TruePositives(_Count):
    """The number of positive predictions with target 1."""


class FalsePositives(_Count):
    """The number of positive predictions with target 0."""


class TrueNegatives(_Count):
    """The number of negative predictions with target 0."""


class FalseNegatives(_Count):
    """The number of negative predictions with target 1."""


class Precision(Metric):
    """The share of positive predictions that are right."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "thresholds": None, "top_k": None, "class_id": None, "name": None, "dtype": None,
    }  # fmt: skip
    direction = "up"


class Recall(Metric):
    """The share of positive targets that are found."""

    ARGUMENTS = Precision.ARGUMENTS
    direction = "up"


class AUC(Metric):
    """The area under the ROC curve, or under precision over recall."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "num_thresholds": 200, "curve": "ROC", "summation_method": "interpolation",
        "name": None, "dtype": None, "thresholds": None, "multi_label": False,
        "num_labels": None, "label_weights": None, "from_logits": False,
    }  # fmt: skip
    OMITTED = ("dtype", "thresholds")
    direction = "up"


class _AtThreshold(Metric):
    """The best of one measure among the thresholds where another one is at least a value."""

    direction = "up"

    def make(self) -> streaming.Metric:
        value = getattr(self, next(iter(self.ARGUMENTS)))
        settings = {n: getattr(self, n) for n in ("num_thresholds", "class_id", "name")}
        return self._made(value, **settings)


def _at(value: str) -> dict[str, Any]:
    rest = {"num_thresholds": 200, "class_id": None, "name": None, "dtype": None}
    return {value: REQUIRED, **rest}


class SensitivityAtSpecificity(_AtThreshold):
    """The best sensitivity at a specificity."""

    ARGUMENTS = _at("specificity")


class SpecificityAtSensitivity(_AtThreshold):
    """The best specificity at a sensitivity."""

    ARGUMENTS = _at("sensitivity")


class PrecisionAtRecall(_AtThreshold):
    """The best precision at a recall."""

    ARGUMENTS = _at("recall")


class RecallAtPrecision(_AtThreshold):
    """The best recall at a precision."""

    ARGUMENTS = _at("precision")


class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "average": None, "beta": 1.0, "threshold": None, "name": "fbeta_score", "dtype": None,
    }  # fmt: skip
    direction = "up"


class F1Score(Metric):
    """The harmonic mean of precision and recall."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "average": None, "threshold": None, "name": "f1_score", "dtype": None,
    }  # fmt: skip
    direction = "up"


class R2Score(Metric):
    """1 - residual / total sum of squares."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "class_aggregation": "uniform_average", "num_regressors": 0, "name": "r2_score",
        "dtype": None,
    }  # fmt: skip
    direction = "up"


class RootMeanSquaredError(Metric):
    """The root of the mean squared error over all samples."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"name": "root_mean_squared_error", "dtype": None}
    direction = "down"


class CosineSimilarity(Metric):
    """The mean cosine of the angle between predictions and targets."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "name": "cosine_similarity",
        "dtype": None,
        "axis": -1,
    }
    direction = "up"
