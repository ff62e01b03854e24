"""The base classes of metrics that batches update, as in Keras 3."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses.targets import same_rank

Numbers = NDArray[np.float64]


class ScoredBatch(NamedTuple):
    """A batch as `Metric.update` takes it."""

    targets: NDArray[Any]
    predictions: Array
    weights: NDArray[Any] | None
    mask: Mask | None


@dataclass
class Metric(ABC):
    """A measure over all batches since the last `reset`; its settings are its fields.

    name: Keras' name by default.
    """

    name: str = field(default="", kw_only=True)

    keras_name: ClassVar[str]

    def __post_init__(self) -> None:
        self.name = self.name or self.keras_name
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget all batches."""

    def update(
        self,
        targets: NDArray[Any],
        predictions: Array,
        weights: NDArray[Any] | None = None,
        mask: Mask | None = None,
    ) -> None:
        """Count a batch.

        Args:
            targets: As the loss takes them.
            predictions: (N, K) or (N, T, K).
            weights: Sample weights (N,) or (N, T); None for 1 each.
            mask: (N, T), the mask of the predictions. As in Keras, only means use it.

        Raises:
            ShapeError: The shapes disagree.
        """
        self._add(ScoredBatch(targets, predictions, weights, mask))

    @abstractmethod
    def _add(self, batch: ScoredBatch) -> None:
        """Count a batch. Raises ShapeError."""

    @abstractmethod
    def result(self) -> float | Numbers:
        """The measure so far; an array where it is one for each class or threshold."""


class MeanMetric(Metric):
    """A weighted mean over samples, of what `sample_values` returns."""

    def reset(self) -> None:
        self.total = 0.0
        self.count = 0.0

    @abstractmethod
    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        """(N, ...): values of a batch; those of a sample are averaged."""

    def _add(self, batch: ScoredBatch) -> None:
        values = self.sample_values(batch.targets, batch.predictions)
        total, count = weighted_total(values, masked_weights(batch.weights, batch.mask))
        self.total += total
        self.count += count

    def result(self) -> float:
        return self.total / self.count if self.count else 0.0


def masked_weights(weights: NDArray[Any] | None, mask: Mask | None) -> Numbers | None:
    """Weights that are 0 where the mask is False; weights (N,) count for all steps."""
    if weights is None:
        return None if mask is None else mask.astype(np.float64)
    numbers = np.asarray(weights, np.float64)
    if mask is None:
        return numbers
    if numbers.ndim < mask.ndim:
        numbers = numbers.reshape(numbers.shape + (1,) * (mask.ndim - numbers.ndim))
    return np.asarray(numbers * mask)


def weighted_total(values: NDArray[Any], weights: Numbers | None) -> tuple[float, float]:
    """The sum of the samples' weighted values, and of their weights. Raises ShapeError.

    Where a sample has several values or weights, it counts by their means.
    """
    numbers = np.atleast_1d(np.asarray(values, np.float64))
    if weights is None:
        return float(_means(numbers).sum()), float(len(numbers))
    original = numbers.shape
    numbers, weights = same_rank(numbers, weights)
    if numbers.ndim > weights.ndim:
        numbers = numbers.mean(axis=tuple(range(weights.ndim, numbers.ndim)))
    try:
        weights = np.broadcast_to(weights, numbers.shape)
    except ValueError:
        raise ShapeError(f"weights {weights.shape} do not fit values {original}") from None
    return float(_means(numbers * weights).sum()), float(_means(weights).sum())


def _means(values: Numbers) -> Numbers:
    """(N,): the mean of each sample's values."""
    return np.asarray(values.reshape(len(values), -1).mean(axis=1))


def ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Numbers:
    """The quotient, 0 where the denominator is 0."""
    zeros = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.asarray(np.divide(numerator, denominator, out=zeros, where=denominator != 0))


def single(values: Numbers) -> float | Numbers:
    """One number as a float, several as they are."""
    return float(values.reshape(-1)[0]) if values.size == 1 else values
