"""Means of losses as metrics, with Keras' names."""

from collections.abc import Mapping
from typing import Any, ClassVar

from hoiquy.keras.arguments import REQUIRED
from hoiquy.keras.losses import Loss, LossFunction
from hoiquy.keras.losses import get as get_loss
from hoiquy.keras.metrics.base import Metric
from hoiquy.nn.metrics import streaming


def _named(name: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "dtype": None, **settings}


class _MeanLoss(Metric):
    direction = "down"


class MeanSquaredError(_MeanLoss):
    """The mean of (p - t)²."""

    ARGUMENTS = _named("mean_squared_error")


class MeanAbsoluteError(_MeanLoss):
    """The mean of |p - t|."""

    ARGUMENTS = _named("mean_absolute_error")


class MeanAbsolutePercentageError(_MeanLoss):
    """The mean of 100 |p - t| / |t|."""

    ARGUMENTS = _named("mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(_MeanLoss):
    """The mean of (log(1 + p) - log(1 + t))²."""

    ARGUMENTS = _named("mean_squared_logarithmic_error")


class LogCoshError(_MeanLoss):
    """The mean of log(cosh(p - t))."""

    ARGUMENTS = _named("logcosh")


class Hinge(_MeanLoss):
    """The mean of max(1 - t p, 0)."""

    ARGUMENTS = _named("hinge")


class SquaredHinge(_MeanLoss):
    """The mean of max(1 - t p, 0)²."""

    ARGUMENTS = _named("squared_hinge")


class CategoricalHinge(_MeanLoss):
    """The mean hinge loss of one-hot targets."""

    ARGUMENTS = _named("categorical_hinge")


class KLDivergence(_MeanLoss):
    """The mean Kullback-Leibler divergence."""

    ARGUMENTS = _named("kl_divergence")


class Poisson(_MeanLoss):
    """The mean of p - t log p."""

    ARGUMENTS = _named("poisson")


class BinaryCrossentropy(_MeanLoss):
    """The mean binary cross-entropy."""

    ARGUMENTS = _named("binary_crossentropy", from_logits=False, label_smoothing=0)


class CategoricalCrossentropy(_MeanLoss):
    """The mean cross-entropy with one-hot targets."""

    ARGUMENTS = _named("categorical_crossentropy", from_logits=False, label_smoothing=0, axis=-1)


class SparseCategoricalCrossentropy(_MeanLoss):
    """The mean cross-entropy with class indices as targets."""

    ARGUMENTS = _named(
        "sparse_categorical_crossentropy", from_logits=False, ignore_class=None, axis=-1
    )


class MeanMetricWrapper(_MeanLoss):
    """The mean of a function of `keras.losses`."""

    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"fn": REQUIRED, "name": None, "dtype": None}
    fn: LossFunction | Loss

    def _check(self) -> None:
        self.fn = get_loss(self.fn)  # type: ignore[assignment]
        self.name = self.name or self.fn.name
        super()._check()

    def make(self) -> streaming.Metric:
        return streaming.MeanOfLoss(self.fn.make(), name=self.name)
