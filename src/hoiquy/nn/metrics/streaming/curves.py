"""Areas under curves and points on them, from counts at many thresholds, as in Keras 3."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.losses import sigmoid
from hoiquy.nn.losses.base import EPSILON
from hoiquy.nn.metrics.streaming.base import Metric, Numbers, ScoredBatch, ratio
from hoiquy.nn.metrics.streaming.confusion import CountingMetric, Counts, Thresholds, labelled

Curve = Literal["ROC", "PR", "PRGAIN"]
Summation = Literal["interpolation", "minoring", "majoring"]


def _even(count: int) -> list[float]:
    """`count` thresholds that divide (0, 1) evenly, without the ends."""
    return [(i + 1) / (count + 1) for i in range(count)]


@dataclass
class AUC(Metric):
    """The area under a curve, approximated at thresholds.

    num_thresholds: their number, the two ends included.
    curve: ROC, precision over recall (PR), or precision gain over recall gain (PRGAIN).
    summation_method: how areas between thresholds are computed.
    thresholds: instead of even ones, without the two ends.
    multi_label: whether each column has an area; the result is their mean.
    num_labels: of the columns, to check them.
    label_weights: of the columns in the mean, or in the counts if multi_label is false.
    from_logits: whether the predictions are logits.
    """

    num_thresholds: int = 200
    curve: Curve = "ROC"
    summation_method: Summation = "interpolation"
    thresholds: Sequence[float] | None = None
    multi_label: bool = False
    num_labels: int | None = None
    label_weights: Sequence[float] | None = None
    from_logits: bool = False
    keras_name: ClassVar[str] = "auc"

    def __post_init__(self) -> None:
        if self.curve not in ("ROC", "PR", "PRGAIN"):
            raise InputError(f"curve {self.curve!r}: expected ROC, PR or PRGAIN")
        if self.summation_method not in ("interpolation", "minoring", "majoring"):
            known = "interpolation, minoring or majoring"
            raise InputError(f"summation_method {self.summation_method!r}: expected {known}")
        if self.num_labels and not self.multi_label:
            raise InputError("num_labels is only for multi_label=True")
        if self.num_thresholds <= 1:
            raise InputError(f"num_thresholds={self.num_thresholds}: expected 2 or more")
        inner = _even(self.num_thresholds - 2) if self.thresholds is None else self.thresholds
        ends = -EPSILON, 1 + EPSILON
        self._thresholds = Thresholds((ends[0], *sorted(inner), ends[1]), self.multi_label)
        super().__post_init__()

    def reset(self) -> None:
        self._counts: Counts | None = None

    def _add(self, batch: ScoredBatch) -> None:
        if self.from_logits:
            batch = batch._replace(predictions=sigmoid(batch.predictions))
        labels, given, numbers = labelled(self.name, batch)
        if self.multi_label and (given.ndim != 2 or self.num_labels not in (None, given.shape[1])):
            expected = f"(N, {self.num_labels or 'labels'})"
            raise ShapeError(f"{self.name}: predictions {given.shape}, expected {expected}")
        if self.label_weights is not None and not self.multi_label:
            numbers = numbers * np.asarray(self.label_weights)
        if self._counts is None:
            columns = [given.shape[1]] if self.multi_label else []
            self._counts = Counts.zeros(len(self._thresholds.values), *columns)
        self._thresholds.count(self._counts, labels, given, numbers)

    def result(self) -> float:
        if self._counts is None:
            return 0.0
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._over_labels(_interpolated_precision(self._counts))
        x, y = self._points(self._counts)
        heights = {
            "interpolation": (y[:-1] + y[1:]) / 2,
            "minoring": np.minimum(y[:-1], y[1:]),
            "majoring": np.maximum(y[:-1], y[1:]),
        }[self.summation_method]
        return self._over_labels((x[:-1] - x[1:]) * heights)

    def _points(self, counts: Counts) -> tuple[Numbers, Numbers]:
        if self.curve == "ROC":
            negatives = counts.false_positives + counts.true_negatives
            return ratio(counts.false_positives, negatives), counts.recall
        if self.curve == "PR":
            return counts.recall, counts.precision
        positives = counts.true_positives + counts.false_negatives
        odds = ratio(positives, counts.true_negatives + counts.false_positives)
        found = counts.true_positives != 0
        recall_gain = 1 - odds * ratio(counts.false_negatives, counts.true_positives)
        precision_gain = 1 - odds * ratio(counts.false_positives, counts.true_positives)
        return np.maximum(np.where(found, recall_gain, 0), 0), np.where(found, precision_gain, 1)

    def _over_labels(self, areas: Numbers) -> float:
        """The sum of areas, (thresholds - 1,) or for each label, then their mean."""
        sums = areas.sum(axis=0)
        if not self.multi_label or self.label_weights is None:
            return float(sums.mean())
        weights = np.asarray(self.label_weights, np.float64)
        total = float(weights.sum())
        return float((sums * weights).sum() / total) if total else 0.0


def _interpolated_precision(counts: Counts) -> Numbers:
    """Areas between thresholds under precision over recall (Davis and Goadrich 2006)."""
    tp, positive = counts.true_positives, counts.true_positives + counts.false_positives
    d_tp, d_positive = tp[:-1] - tp[1:], positive[:-1] - positive[1:]
    slope = ratio(d_tp, np.maximum(d_positive, 0))
    intercept = tp[1:] - slope * positive[1:]
    both = (positive[:-1] > 0) & (positive[1:] > 0)
    growth = np.where(both, ratio(positive[:-1], np.maximum(positive[1:], 0)), 1)
    areas = slope * (d_tp + intercept * np.log(growth))
    return ratio(areas, np.maximum(tp[1:] + counts.false_negatives[1:], 0))


@dataclass
class _AtThreshold(CountingMetric):
    """The best of one measure among the thresholds where another one is at least `value`."""

    value: float
    num_thresholds: int = 200
    class_id: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise InputError(f"{self.keras_name}: {self.value}, expected a number from 0 to 1")
        if self.num_thresholds <= 0:
            raise InputError(f"num_thresholds={self.num_thresholds}: expected 1 or more")
        inner = _even(self.num_thresholds - 2)
        values = (0.0, *inner, 1.0) if self.num_thresholds > 1 else (0.5,)
        self._thresholds = Thresholds(values)
        super().__post_init__()

    def result(self) -> float:
        constrained, dependent = self._measures()
        return float(np.max(dependent, where=constrained >= self.value, initial=0))

    @abstractmethod
    def _measures(self) -> tuple[Numbers, Numbers]:
        """The measure that must reach `value`, and the one that is reported."""


class SensitivityAtSpecificity(_AtThreshold):
    """The best sensitivity where the specificity is at least `value`."""

    keras_name: ClassVar[str] = "sensitivity_at_specificity"

    def _measures(self) -> tuple[Numbers, Numbers]:
        return self.counts.specificity, self.counts.recall


class SpecificityAtSensitivity(_AtThreshold):
    """The best specificity where the sensitivity is at least `value`."""

    keras_name: ClassVar[str] = "specificity_at_sensitivity"

    def _measures(self) -> tuple[Numbers, Numbers]:
        return self.counts.recall, self.counts.specificity


class PrecisionAtRecall(_AtThreshold):
    """The best precision where the recall is at least `value`."""

    keras_name: ClassVar[str] = "precision_at_recall"

    def _measures(self) -> tuple[Numbers, Numbers]:
        return self.counts.recall, self.counts.precision


class RecallAtPrecision(_AtThreshold):
    """The best recall where the precision is at least `value`."""

    keras_name: ClassVar[str] = "recall_at_precision"

    def _measures(self) -> tuple[Numbers, Numbers]:
        return self.counts.precision, self.counts.recall
