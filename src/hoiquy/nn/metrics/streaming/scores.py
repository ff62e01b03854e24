"""F-scores and the coefficient of determination, as in Keras 3."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.losses.base import EPSILON
from hoiquy.nn.losses.targets import fitted_targets
from hoiquy.nn.metrics.streaming.base import Metric, Numbers, ScoredBatch

Average = Literal["micro", "macro", "weighted"]


@dataclass
class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall; an array of classes without average.

    average: over counts (micro), over classes (macro), or over classes by their labels (weighted).
    beta: how much more recall weighs than precision.
    threshold: from where on a class is predicted; None for the largest of each row.
    """

    average: Average | None = None
    beta: float = 1.0
    threshold: float | None = None
    keras_name: ClassVar[str] = "fbeta_score"

    def __post_init__(self) -> None:
        if self.average not in (None, "micro", "macro", "weighted"):
            known = "None, micro, macro or weighted"
            raise InputError(f"average {self.average!r}: expected {known}")
        if self.beta <= 0:
            raise InputError(f"beta={self.beta}: expected a number above 0")
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise InputError(f"threshold={self.threshold}: expected a number in (0, 1]")
        super().__post_init__()

    def reset(self) -> None:
        zeros: Any = np.zeros(())  # of the classes, once they are known
        self._true_positives = self._false_positives = self._false_negatives = zeros
        self._labels = zeros

    def _add(self, batch: ScoredBatch) -> None:
        targets, predictions = batch.targets, batch.predictions
        if predictions.ndim != 2 or targets.shape != predictions.shape:
            raise ShapeError(
                f"{self.name}: targets {targets.shape} and predictions {predictions.shape}, "
                "expected both (N, classes)"
            )
        if self.threshold is None:
            largest = predictions.max(axis=-1, keepdims=True)
            positive = (predictions >= largest) & (np.abs(predictions) > 1e-9)
        else:
            positive = predictions > predictions.dtype.type(self.threshold)
        labels = targets.astype(np.float64)
        factors = np.ones((1, 1)) if batch.weights is None else batch.weights.reshape(-1, 1)

        def added(sums: Numbers, values: Numbers) -> Numbers:
            axis = None if self.average == "micro" else 0
            return np.asarray(sums + (values * factors).sum(axis=axis))

        self._true_positives = added(self._true_positives, positive * labels)
        self._false_positives = added(self._false_positives, positive * (1 - labels))
        self._false_negatives = added(self._false_negatives, ~positive * labels)
        self._labels = added(self._labels, labels)

    def result(self) -> float | Numbers:
        true = self._true_positives
        precision = true / (true + self._false_positives + EPSILON)
        recall = true / (true + self._false_negatives + EPSILON)
        mean = precision * recall / (self.beta**2 * precision + recall + EPSILON)
        scores = np.asarray(mean * (1 + self.beta**2))
        if self.average == "weighted":
            return float((scores * (self._labels / (self._labels.sum() + EPSILON))).sum())
        return scores if self.average is None else float(scores.mean())


@dataclass
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall."""

    keras_name: ClassVar[str] = "f1_score"


Aggregation = Literal["uniform_average", "variance_weighted_average"]


@dataclass
class R2Score(Metric):
    """1 - residual / total sum of squares.

    class_aggregation: over outputs; None for an array of them.
    num_regressors: of an adjusted score; 0 for none.
    """

    class_aggregation: Aggregation | None = "uniform_average"
    num_regressors: int = 0
    keras_name: ClassVar[str] = "r2_score"

    def __post_init__(self) -> None:
        if self.class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            known = "None, uniform_average or variance_weighted_average"
            raise InputError(f"class_aggregation {self.class_aggregation!r}: expected {known}")
        if self.num_regressors < 0:
            raise InputError(f"num_regressors={self.num_regressors}: expected 0 or more")
        super().__post_init__()

    def reset(self) -> None:
        zeros: Any = np.zeros(())  # of the outputs, once they are known
        self._sum = self._squares = self._residual = self._count = zeros
        self._entries = 0

    def _add(self, batch: ScoredBatch) -> None:
        given, wanted = fitted_targets(batch.predictions, batch.targets, self.name)
        if given.ndim != 2:
            raise ShapeError(f"{self.name}: predictions {given.shape}, expected (N, outputs)")
        given, wanted = given.astype(np.float64), wanted.astype(np.float64)
        factors = np.ones(1) if batch.weights is None else batch.weights.astype(np.float64)
        factors = np.broadcast_to(factors.reshape(len(factors), -1), given.shape)
        self._sum = self._sum + (wanted * factors).sum(axis=0)
        self._squares = self._squares + (wanted**2 * factors).sum(axis=0)
        self._residual = self._residual + ((wanted - given) ** 2 * factors).sum(axis=0)
        self._count = self._count + factors.sum(axis=0)
        self._entries += given.size

    def result(self) -> float | Numbers:
        if not self._entries:
            return 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            total = self._squares - self._sum * (self._sum / self._count)
            scores = 1 - self._residual / total
        scores = np.where(np.isinf(scores), 0.0, scores)
        if self.class_aggregation is None:
            return np.asarray(self._adjusted(scores))
        if self.class_aggregation == "uniform_average":
            return float(self._adjusted(scores.mean()))
        return float(self._adjusted(np.sum(total * scores) / np.sum(total)))

    def _adjusted(self, score: Any) -> Any:
        """The score for this many regressors; as it is where there are too few samples."""
        rest = self._entries - self.num_regressors - 1  # Keras counts entries as samples
        if not self.num_regressors or rest <= 0:
            return score
        return 1 - (1 - score) * (self._entries - 1) / rest
