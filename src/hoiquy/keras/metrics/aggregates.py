"""Metrics of values, not of targets and predictions: `Mean` and `Sum`."""

from typing import Any

import numpy as np

from hoiquy.keras.errors import as_value_errors
from hoiquy.keras.metrics.base import Metric, as_array, measured
from hoiquy.nn.metrics import streaming
from hoiquy.nn.metrics.streaming.base import Numbers, weighted_total

__all__ = ["Mean", "Sum"]


class _OfValues(Metric):
    """Counts the values of batches; a class of the script may compute them first."""

    _total: float = 0.0
    _count: float = 0.0

    def make(self) -> streaming.Metric:
        """Nothing: the class counts itself."""
        return None  # type: ignore[return-value]

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Count some values.

        Args:
            values: A number, or an array whose first axis are samples.
            sample_weight: A number, or an array that fits the first axes of the values.

        Raises:
            ShapeError: The weights do not fit the values.
        """
        numbers = np.atleast_1d(np.asarray(as_array(values), np.float64))
        weights = None
        if sample_weight is not None:
            weights = np.atleast_1d(np.asarray(as_array(sample_weight), np.float64))
        with as_value_errors():
            total, count = self._counted(numbers, weights)
        self._total += total
        self._count += count

    def _counted(self, values: Numbers, weights: Numbers | None) -> tuple[float, float]:
        """The sum of the values, and of their weights."""
        return weighted_total(values, weights)

    def reset_state(self) -> None:
        """Forget all values."""
        self._total = self._count = 0.0

    reset_states = reset_state

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Count some values; returns the measure of all so far."""
        self.update_state(*args, **kwargs)
        return self.result()


class Mean(_OfValues):
    """The weighted mean of all samples; a sample with several values counts by their mean."""

    name = "mean"

    def result(self) -> Any:
        """The mean of all values so far, float32; 0 before the first."""
        return measured(self._total / self._count if self._count else 0.0)


class Sum(_OfValues):
    """The weighted sum of all values."""

    name = "sum"

    def _counted(self, values: Numbers, weights: Numbers | None) -> tuple[float, float]:
        total, _ = weighted_total(values, weights)
        per_sample = values[0].size if values.size else 1
        return total * per_sample, 0.0

    def result(self) -> Any:
        """The sum of all values so far, float32."""
        return measured(self._total)
