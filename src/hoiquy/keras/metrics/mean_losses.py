"""Means of losses as metrics, with Keras' names."""

from typing import Any

from hoiquy.keras.losses import get as get_loss
from hoiquy.keras.losses.base import ScriptLossFunction
from hoiquy.keras.metrics.base import Metric
from hoiquy.keras.metrics.script import TracedMetric
from hoiquy.nn.metrics import streaming

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "Hinge",
    "KLDivergence", "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanMetricWrapper", "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson",
    "SparseCategoricalCrossentropy", "SquaredHinge",
]  # fmt: skip


class _MeanLoss(Metric):
    direction = "down"


class MeanSquaredError(_MeanLoss):
    """The mean of (p - t)²."""

    name = "mean_squared_error"


class MeanAbsoluteError(_MeanLoss):
    """The mean of |p - t|."""

    name = "mean_absolute_error"


class MeanAbsolutePercentageError(_MeanLoss):
    """The mean of 100 |p - t| / |t|."""

    name = "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(_MeanLoss):
    """The mean of (log(1 + p) - log(1 + t))²."""

    name = "mean_squared_logarithmic_error"


class LogCoshError(_MeanLoss):
    """The mean of log(cosh(p - t))."""

    name = "logcosh"


class Hinge(_MeanLoss):
    """The mean of max(1 - t p, 0)."""

    name = "hinge"


class SquaredHinge(_MeanLoss):
    """The mean of max(1 - t p, 0)²."""

    name = "squared_hinge"


class CategoricalHinge(_MeanLoss):
    """The mean hinge loss of one-hot targets."""

    name = "categorical_hinge"


class KLDivergence(_MeanLoss):
    """The mean Kullback-Leibler divergence."""

    name = "kl_divergence"


class Poisson(_MeanLoss):
    """The mean of p - t log p."""

    name = "poisson"


class BinaryCrossentropy(_MeanLoss):
    """The mean binary cross-entropy."""

    name: Any = "binary_crossentropy"
    dtype: Any = None
    from_logits: bool = False
    label_smoothing: float = 0


class CategoricalCrossentropy(_MeanLoss):
    """The mean cross-entropy with one-hot targets."""

    name: Any = "categorical_crossentropy"
    dtype: Any = None
    from_logits: bool = False
    label_smoothing: float = 0
    axis: int = -1


class SparseCategoricalCrossentropy(_MeanLoss):
    """The mean cross-entropy with class indices as targets."""

    name: Any = "sparse_categorical_crossentropy"
    dtype: Any = None
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1


class MeanMetricWrapper(_MeanLoss):
    """The mean of a function of `keras.losses`."""

    fn: Any

    def _check(self) -> None:
        self.fn = get_loss(self.fn)
        self.name = self.name or self.fn.name
        super()._check()

    def make(self) -> streaming.Metric:
        if isinstance(self.fn, ScriptLossFunction):
            return TracedMetric(name=self.name, function=self.fn.function)
        return streaming.MeanOfLoss(self.fn.make(), name=self.name)
