"""Accuracies, as Keras 3 defines them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.targets import output_kind, same_rank
from hoiquy.nn.metrics.streaming.base import MeanMetric


class Accuracy(MeanMetric):
    """How often predictions equal targets."""

    keras_name: ClassVar[str] = "accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        wanted, given = _same_shape(self.name, targets, predictions)
        return np.asarray(wanted == given)


@dataclass
class BinaryAccuracy(MeanMetric):
    """How often predictions above the threshold have target 1, others 0."""

    threshold: float = 0.5
    keras_name: ClassVar[str] = "binary_accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        wanted, given = _same_shape(self.name, targets, predictions)
        return np.asarray(wanted == (given > given.dtype.type(self.threshold)))


class CategoricalAccuracy(MeanMetric):
    """How often the largest prediction is where the target is largest."""

    keras_name: ClassVar[str] = "categorical_accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        _check_one_hot(self.name, targets, predictions)
        return np.asarray(targets.argmax(axis=-1) == predictions.argmax(axis=-1))


class SparseCategoricalAccuracy(MeanMetric):
    """How often the largest prediction is that of the target, a class index."""

    keras_name: ClassVar[str] = "sparse_categorical_accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        indices = _indices(self.name, targets, predictions)
        return np.asarray(indices == predictions.argmax(axis=-1))


@dataclass
class TopKCategoricalAccuracy(MeanMetric):
    """How often fewer than k predictions are larger than that of the class of the target."""

    k: int = 5
    keras_name: ClassVar[str] = "top_k_categorical_accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        _check_one_hot(self.name, targets, predictions)
        return _in_top_k(targets.argmax(axis=-1), predictions, self.k)


@dataclass
class SparseTopKCategoricalAccuracy(MeanMetric):
    """How often fewer than k predictions are larger than that of the target, a class index."""

    k: int = 5
    keras_name: ClassVar[str] = "sparse_top_k_categorical_accuracy"

    def sample_values(self, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
        return _in_top_k(_indices(self.name, targets, predictions), predictions, self.k)


def resolve_accuracy(
    targets: tuple[int | None, ...], predictions: tuple[int | None, ...], name: str = "accuracy"
) -> MeanMetric:
    """The metric that Keras takes for "accuracy", from the shapes of targets and predictions."""
    kinds: dict[str, type[MeanMetric]] = {
        "binary": BinaryAccuracy,
        "categorical": CategoricalAccuracy,
        "sparse": SparseCategoricalAccuracy,
    }
    return kinds[output_kind(targets, predictions)](name=name)


def _same_shape(
    name: str, targets: NDArray[Any], predictions: Array
) -> tuple[NDArray[Any], NDArray[Any]]:
    wanted, given = same_rank(np.asarray(targets), predictions)
    if wanted.shape != given.shape:
        _refuse(name, targets, predictions)
    return wanted, given


def _check_one_hot(name: str, targets: NDArray[Any], predictions: Array) -> None:
    if targets.shape != predictions.shape:
        _refuse(name, targets, predictions)


def _indices(name: str, targets: NDArray[Any], predictions: Array) -> NDArray[Any]:
    """Targets of shape predictions.shape[:-1]."""
    if targets.shape == (*predictions.shape[:-1], 1):
        targets = targets[..., 0]
    if targets.shape != predictions.shape[:-1]:
        _refuse(name, targets, predictions)
    return targets


def _refuse(name: str, targets: NDArray[Any], predictions: Array) -> None:
    shapes = f"targets {np.shape(targets)} do not fit predictions {predictions.shape}"
    raise ShapeError(f"{name}: {shapes}")


def _in_top_k(indices: NDArray[Any], predictions: Array, k: int) -> NDArray[Any]:
    """Whether fewer than k predictions are larger; what is no class is in no top."""
    classes = predictions.shape[-1]
    places = np.clip(indices, 0, classes - 1).astype(np.int64)[..., None]
    chosen = np.take_along_axis(predictions, places, axis=-1)
    is_class = (indices >= 0) & (indices < classes) & ~np.isnan(chosen[..., 0])
    return np.asarray(((predictions > chosen).sum(axis=-1) < k) & is_class)
