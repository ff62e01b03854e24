"""Metrics of the script: functions, and classes with `update_state` and `result`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.late import late
from hoiquy.keras.tensors import AnyArray
from hoiquy.nn.metrics.streaming.base import (
    MeanMetric,
    Metric,
    Numbers,
    ScoredBatch,
    masked_weights,
    single,
    weighted_total,
)


@dataclass
class TracedMetric(MeanMetric):
    """The mean of a function; of one number for each batch, all batches count alike.

    function: (targets, predictions) → values.
    """

    function: Callable[[Any, Any], Any] = field(default=lambda targets, predictions: 0.0)

    keras_name: ClassVar[str] = "metric"

    def sample_values(self, targets: AnyArray, predictions: AnyArray) -> AnyArray:
        with _scope(), np.errstate(all="ignore"):
            return _numbers(self.function(*_values(targets, predictions)))

    def _add(self, batch: ScoredBatch) -> None:
        values = self.sample_values(batch.targets, batch.predictions)
        if values.ndim == 0:
            self.total, self.count = self.total + float(values), self.count + 1
            return
        total, count = weighted_total(values, masked_weights(batch.weights, batch.mask))
        self.total, self.count = self.total + total, self.count + count


@dataclass
class StatefulMetric(Metric):
    """An object of a script's class, which counts by itself."""

    metric: Any = None

    keras_name: ClassVar[str] = "metric"

    def __post_init__(self) -> None:
        """Nothing: the object's variables may not exist yet."""

    def reset(self) -> None:
        self.metric.forget()

    def _add(self, batch: ScoredBatch) -> None:
        given = _values(batch.targets, batch.predictions)
        weights = masked_weights(batch.weights, batch.mask)
        with _scope():
            if weights is None:
                self.metric.update_state(*given)
            else:
                value = late("values.value").Value(weights.astype(np.float32))
                self.metric.update_state(*given, sample_weight=value)

    def result(self) -> float | Numbers:
        with _scope():
            return single(_numbers(self.metric.result()).astype(np.float64))


def _scope() -> Any:
    scope = late("values.scope")
    return scope.call_scope(scope.CallScope())


def _values(targets: AnyArray, predictions: AnyArray) -> tuple[Any, Any]:
    """Targets and predictions as the code gets them: float32, of one rank for one output."""
    value = late("values.value").Value
    if targets.ndim == 1 and predictions.ndim == 2 and predictions.shape[1] == 1:
        targets = targets[:, None]
    return value(np.asarray(targets, np.float32)), value(np.asarray(predictions, np.float32))


def _numbers(result: Any) -> AnyArray:
    return np.asarray(late("values.conversion").as_data(result))
