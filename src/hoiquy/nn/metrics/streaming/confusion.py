"""True and false positives and negatives at thresholds, and what Keras 3 counts with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses.base import EPSILON
from hoiquy.nn.losses.targets import same_rank
from hoiquy.nn.metrics.streaming.base import Metric, Numbers, ScoredBatch, ratio, single

NEVER = -1e10  # below every threshold: predictions outside the top k


@dataclass
class Counts:
    """Weighted counts, an entry for each threshold; (thresholds, labels) if kept by label."""

    true_positives: Numbers
    false_positives: Numbers
    true_negatives: Numbers
    false_negatives: Numbers

    @classmethod
    def zeros(cls, *shape: int) -> "Counts":
        return cls(*(np.zeros(shape) for _ in range(4)))

    def add(self, positives: Numbers, negatives: Numbers, totals: tuple[Any, Any]) -> None:
        """Add counts of labels above each threshold, given the totals of both labels."""
        self.true_positives += positives
        self.false_positives += negatives
        self.false_negatives += totals[0] - positives
        self.true_negatives += totals[1] - negatives

    @property
    def precision(self) -> Numbers:
        return ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Numbers:
        return ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def specificity(self) -> Numbers:
        return ratio(self.true_negatives, self.true_negatives + self.false_positives)


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a metric, and how labels are counted above them.

    values: ascending unless given otherwise.
    by_label: whether each column of the predictions is counted for itself.
    """

    values: tuple[float, ...]
    by_label: bool = False

    @property
    def are_even(self) -> bool:
        """Whether they divide [0, 1] evenly: then Keras counts in buckets, with their rounding."""
        count = len(self.values)
        if count < 3:
            return False
        inner = np.clip(self.values, 0, 1)
        return bool(np.allclose(inner, np.arange(count) / (count - 1), atol=EPSILON))

    def count(self, counts: Counts, labels: Mask, predictions: Array, weights: Numbers) -> None:
        """Add arrays of one shape; by label (N, labels), else of any shape."""
        if not self.by_label:
            labels, predictions = labels.reshape(-1), predictions.reshape(-1)
            weights = weights.reshape(-1)
        true, false = weights * labels, weights * ~labels
        above = self._in_buckets if self.are_even else self._one_by_one
        totals = true.sum(axis=0), false.sum(axis=0)
        counts.add(above(predictions, true), above(predictions, false), totals)

    def _one_by_one(self, predictions: Array, weights: Numbers) -> Numbers:
        kind = predictions.dtype.type
        sums = [(weights * (predictions > kind(t))).sum(axis=0) for t in self.values]
        return np.asarray(sums, np.float64)

    def _in_buckets(self, predictions: Array, weights: Numbers) -> Numbers:
        """Each prediction counts in the bucket below it, and so for all lower thresholds."""
        count, kind = len(self.values), predictions.dtype.type
        buckets = np.ceil(np.clip(predictions, 0, 1) * kind(count - 1)).astype(np.int64)  # 0: none
        if self.values[0] < 0:
            buckets = np.maximum(buckets, 1)
        labels = predictions.shape[1] if self.by_label else 1
        column = np.arange(labels) if self.by_label else 0
        places = (buckets * labels + column).reshape(-1)
        sums = np.bincount(places, weights.reshape(-1), (count + 1) * labels)
        above = np.cumsum(sums.reshape(count + 1, labels)[:0:-1], axis=0, dtype=np.float64)[::-1]
        return above if self.by_label else above[:, 0]


def parsed_thresholds(given: float | Sequence[float] | None, default: float) -> Thresholds:
    """Thresholds of one number or several. Raises InputError outside [0, 1]."""
    if given is None:
        return Thresholds((default,))
    values = (given,) if isinstance(given, int | float) else tuple(given)
    for value in values:
        if not 0 <= value <= 1:
            raise InputError(f"threshold {value}: expected a number from 0 to 1")
    return Thresholds(tuple(float(value) for value in values))


def labelled(name: str, batch: ScoredBatch) -> tuple[Mask, Array, Numbers]:
    """Labels, float32 predictions and weights in one shape. Raises ShapeError."""
    original = batch.predictions.shape
    predictions = np.asarray(batch.predictions, np.float32)
    given, wanted = same_rank(predictions, np.asarray(batch.targets))
    if given.shape != wanted.shape:
        shapes = f"targets {batch.targets.shape} do not fit predictions {original}"
        raise ShapeError(f"{name}: {shapes}")
    if batch.weights is None:
        return wanted != 0, given, np.ones(given.shape)
    numbers = np.asarray(batch.weights, np.float64)[..., None]
    _, numbers = same_rank(given, numbers, expand_vectors=False)
    try:
        return wanted != 0, given, np.broadcast_to(numbers, given.shape)
    except ValueError:
        shapes = f"weights {batch.weights.shape} do not fit predictions {original}"
        raise ShapeError(f"{name}: {shapes}") from None


def of_class(
    name: str, class_id: int, labels: Mask, predictions: Array, weights: Numbers
) -> tuple[Mask, Array, Numbers]:
    """The same arrays for one class. Raises ShapeError."""
    if predictions.ndim < 2 or not 0 <= class_id < predictions.shape[-1]:
        raise ShapeError(f"{name}: predictions {predictions.shape} have no class {class_id}")
    return labels[..., class_id], predictions[..., class_id], weights[..., class_id]


class CountingMetric(Metric):
    """A metric computed from counts at thresholds, over all classes or one.

    A subclass sets `_thresholds` before `Metric.__post_init__`.

    counts: of all batches so far.
    """

    class_id: int | None
    _thresholds: Thresholds

    def reset(self) -> None:
        self.counts = Counts.zeros(len(self._thresholds.values))

    def _add(self, batch: ScoredBatch) -> None:
        labels, given, numbers = labelled(self.name, batch)
        given = self._candidates(given)
        if self.class_id is not None:
            labels, given, numbers = of_class(self.name, self.class_id, labels, given, numbers)
        self._thresholds.count(self.counts, labels, given, numbers)

    def _candidates(self, predictions: Array) -> Array:
        """The predictions, those that may not be positive replaced by NEVER."""
        return predictions


@dataclass
class ThresholdMetric(CountingMetric):
    """Counts labels above thresholds.

    thresholds: numbers from 0 to 1; a prediction above one is positive. None for 0.5.
    top_k: only the k largest predictions of each row may be positive.
    class_id: count this class only.
    """

    thresholds: float | Sequence[float] | None = None
    top_k: int | None = None
    class_id: int | None = None

    def __post_init__(self) -> None:
        default = 0.5 if self.top_k is None else NEVER
        self._thresholds = parsed_thresholds(self.thresholds, default)
        super().__post_init__()

    def _candidates(self, predictions: Array) -> Array:
        return predictions if self.top_k is None else _only_top(predictions, self.top_k)


def _only_top(predictions: Array, k: int) -> Array:
    """All but the k largest predictions of each row become NEVER; of equal ones the first stay."""
    order = np.argsort(-predictions, axis=-1, kind="stable")
    kept = np.full_like(predictions, NEVER)
    top = order[..., :k]
    np.put_along_axis(kept, top, np.take_along_axis(predictions, top, axis=-1), axis=-1)
    return kept


class TruePositives(ThresholdMetric):
    """Labels 1 predicted as 1."""

    keras_name: ClassVar[str] = "true_positives"

    def result(self) -> float | Numbers:
        return single(self.counts.true_positives)


class FalsePositives(ThresholdMetric):
    """Labels 0 predicted as 1."""

    keras_name: ClassVar[str] = "false_positives"

    def result(self) -> float | Numbers:
        return single(self.counts.false_positives)


class TrueNegatives(ThresholdMetric):
    """Labels 0 predicted as 0."""

    keras_name: ClassVar[str] = "true_negatives"

    def result(self) -> float | Numbers:
        return single(self.counts.true_negatives)


class FalseNegatives(ThresholdMetric):
    """Labels 1 predicted as 0."""

    keras_name: ClassVar[str] = "false_negatives"

    def result(self) -> float | Numbers:
        return single(self.counts.false_negatives)


class Precision(ThresholdMetric):
    """Of the predicted ones, the share that is labelled 1."""

    keras_name: ClassVar[str] = "precision"

    def result(self) -> float | Numbers:
        return single(self.counts.precision)


class Recall(ThresholdMetric):
    """Of the labels 1, the share that is predicted."""

    keras_name: ClassVar[str] = "recall"

    def result(self) -> float | Numbers:
        return single(self.counts.recall)
