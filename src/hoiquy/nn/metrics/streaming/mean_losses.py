"""Means of losses as metrics."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn import losses
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses import Loss
from hoiquy.nn.losses.targets import fitted_targets
from hoiquy.nn.metrics.streaming.base import MeanMetric, ScoredBatch, masked_weights


@dataclass
class MeanOfLoss(MeanMetric):
    """The mean of the values of a loss, named as it is unless told otherwise."""

    loss: Loss

    def __post_init__(self) -> None:
        self.name = self.name or self.loss.name
        self.reset()

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        return self.loss.values(predictions, targets).values

    def _add(self, batch: ScoredBatch) -> None:
        """Count a batch. Targets that the loss ignores count 0, as in Keras.

        They are left out of the mean only where there are weights or a mask, as in Keras, too.
        """
        weights = masked_weights(batch.weights, batch.mask)
        kept = self.loss.target_mask(batch.predictions, batch.targets)
        both = weights if weights is None or kept is None else masked_weights(weights, kept)
        super()._add(batch._replace(weights=both, mask=None))


def resolve_crossentropy(
    targets: tuple[int | None, ...], predictions: tuple[int | None, ...], name: str = "crossentropy"
) -> MeanOfLoss:
    """The metric that Keras takes for "crossentropy", from the shapes."""
    return MeanOfLoss(losses.resolve_crossentropy(targets, predictions), name=name)


class CosineSimilarity(MeanMetric):
    """The mean cosine of the angle between predictions and targets."""

    keras_name: ClassVar[str] = "cosine_similarity"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        return -losses.CosineSimilarity().values(predictions, targets).values


class RootMeanSquaredError(MeanMetric):
    """The root of the mean squared error over all samples."""

    keras_name: ClassVar[str] = "root_mean_squared_error"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        given, wanted = fitted_targets(predictions, targets, self.name)
        return np.asarray(np.square(given - wanted))

    def result(self) -> float:
        return math.sqrt(super().result())
