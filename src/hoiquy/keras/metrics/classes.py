"""Keras' metrics that are more than the mean of a loss."""

from typing import Any

from hoiquy.keras.metrics.base import Metric
from hoiquy.nn.metrics import streaming

__all__ = [
    "AUC", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "CosineSimilarity", "F1Score",
    "FBetaScore", "FalseNegatives", "FalsePositives", "Precision", "PrecisionAtRecall",
    "R2Score", "Recall", "RecallAtPrecision", "RootMeanSquaredError",
    "SensitivityAtSpecificity", "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity", "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives",
]  # fmt: skip


class _Score(Metric):
    direction = "up"


class Accuracy(_Score):
    """How often predictions equal targets."""

    name = "accuracy"


class BinaryAccuracy(_Score):
    """How often predictions above the threshold have target 1, others 0."""

    name: Any = "binary_accuracy"
    dtype: Any = None
    threshold: float = 0.5


class CategoricalAccuracy(_Score):
    """How often the largest prediction is where the target is largest."""

    name = "categorical_accuracy"


class SparseCategoricalAccuracy(_Score):
    """How often the largest prediction is that of the target, a class index."""

    name = "sparse_categorical_accuracy"


class TopKCategoricalAccuracy(_Score):
    """How often the class of the target is among the k largest predictions."""

    k: int = 5
    name = "top_k_categorical_accuracy"


class SparseTopKCategoricalAccuracy(_Score):
    """How often the target, a class index, is among the k largest predictions."""

    k: int = 5
    name: Any = "sparse_top_k_categorical_accuracy"
    dtype: Any = None
    from_sorted_ids: bool = False


class _Count(Metric):
    thresholds: Any = None


class TruePositives(_Count):
    """The number of positive predictions with target 1."""


class FalsePositives(_Count):
    """The number of positive predictions with target 0."""


class TrueNegatives(_Count):
    """The number of negative predictions with target 0."""


class FalseNegatives(_Count):
    """The number of negative predictions with target 1."""


class _OfPositives(_Score):
    thresholds: Any = None
    top_k: int | None = None
    class_id: int | None = None


class Precision(_OfPositives):
    """The share of positive predictions that are right."""


class Recall(_OfPositives):
    """The share of positive targets that are found."""


class AUC(_Score):
    """The area under the ROC curve, or under precision over recall."""

    num_thresholds: int = 200
    curve: str = "ROC"
    summation_method: str = "interpolation"
    name: Any = None
    dtype: Any = None
    thresholds: Any = None
    multi_label: bool = False
    num_labels: int | None = None
    label_weights: Any = None
    from_logits: bool = False
    OMITTED = ("dtype", "thresholds")


class _AtThreshold(_Score):
    """The best of one measure among the thresholds where another one is at least a value."""

    num_thresholds: int = 200
    class_id: int | None = None

    def make(self) -> streaming.Metric:
        value = getattr(self, next(iter(self.ARGUMENTS)))
        settings = {n: getattr(self, n) for n in ("num_thresholds", "class_id", "name")}
        return self._made(value, **settings)


class SensitivityAtSpecificity(_AtThreshold):
    """The best sensitivity at a specificity."""

    specificity: float


class SpecificityAtSensitivity(_AtThreshold):
    """The best specificity at a sensitivity."""

    sensitivity: float


class PrecisionAtRecall(_AtThreshold):
    """The best precision at a recall."""

    recall: float


class RecallAtPrecision(_AtThreshold):
    """The best recall at a precision."""

    precision: float


class FBetaScore(_Score):
    """The weighted harmonic mean of precision and recall."""

    average: str | None = None
    beta: float = 1.0
    threshold: float | None = None
    name = "fbeta_score"


class F1Score(_Score):
    """The harmonic mean of precision and recall."""

    average: str | None = None
    threshold: float | None = None
    name = "f1_score"


class R2Score(_Score):
    """1 - residual / total sum of squares."""

    class_aggregation: str | None = "uniform_average"
    num_regressors: int = 0
    name = "r2_score"


class RootMeanSquaredError(Metric):
    """The root of the mean squared error over all samples."""

    name = "root_mean_squared_error"
    direction = "down"


class CosineSimilarity(_Score):
    """The mean cosine of the angle between predictions and targets."""

    name: Any = "cosine_similarity"
    dtype: Any = None
    axis: int = -1
