"""The base classes of losses: values for each prediction, with the way back."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses.targets import fitted_targets

EPSILON = 1e-7  # keras.config.epsilon()

Reduction = Literal["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none"]
REDUCTIONS: tuple[str, ...] = get_args(Reduction)


class LossValues(NamedTuple):
    """Values of a loss, and their gradient with respect to the predictions.

    values: predictions.shape[:-1], or less by `values_shape`; dtype of the predictions.
    backward: gradient of the values → gradient of the predictions, in their shape.
    """

    values: Array
    backward: Callable[[Array], Array]


@dataclass(frozen=True)
class Loss(ABC):
    """A loss with Keras 3's definition; its settings are its fields.

    reduction: how the values of a batch are combined, see `reduction.py`.
    name: Keras' name.
    """

    reduction: Reduction = field(default="sum_over_batch_size", kw_only=True)
    name: str = field(default="", kw_only=True)

    # The activation of the last layer with which the loss can be computed from the logits.
    fused_activation: ClassVar[Literal["sigmoid", "softmax"] | None] = None
    keras_name: ClassVar[str]

    def __post_init__(self) -> None:
        if self.reduction not in REDUCTIONS:
            known = ", ".join(REDUCTIONS)
            raise InputError(f"reduction {self.reduction!r} is unknown; expected one of {known}")
        if not self.name:
            object.__setattr__(self, "name", self.keras_name)

    def values(self, predictions: Array, targets: NDArray[Any]) -> LossValues:
        """Values for predictions and targets of the same shape, or of one that Keras fits to it.

        Args:
            predictions: (..., K), floating.
            targets: (..., K), or without the last axis where K is 1.

        Raises:
            ShapeError: The shapes disagree.
            DataError: A target is not a number.
        """
        fitted, wanted = fitted_targets(predictions, targets, self.name)
        values, backward = self._values(fitted, wanted)
        return _reshaped(values, backward, predictions.shape)

    @abstractmethod
    def _values(self, predictions: Array, targets: Array) -> LossValues:
        """As `values`, of arrays of one shape and dtype."""

    def values_shape(
        self, predictions: tuple[int, ...], targets: tuple[int, ...]
    ) -> tuple[int, ...]:
        """The shape of the values for predictions and targets of these shapes.

        Predictions (N, T, 1) lose their last axis for targets (N, T), so that there is one value a
        row: the mean over its steps.
        """
        loses_axis = predictions[-1] == 1 and len(predictions) == len(targets) + 1
        return targets[:-1] if loses_axis and len(targets) > 1 else predictions[:-1]

    def target_mask(self, predictions: Array, targets: NDArray[Any]) -> Mask | None:
        """(...): which values count because of their targets; None if all do."""
        return None

    def values_from_logits(self, logits: Array, targets: NDArray[Any]) -> LossValues:
        """As `values`, with `fused_activation` applied to the logits first, but exact.

        The gradient is that of the logits. Raises InputError where the loss has no such form.
        """
        raise InputError(f"{self.name} is not computed from logits")


def _reshaped(values: Array, backward: Callable[[Array], Array], shape: Any) -> LossValues:
    """Give the gradient the shape of the predictions."""
    return LossValues(values, lambda d_values: backward(d_values).reshape(shape))


class MeanLoss(Loss):
    """A loss whose values are the mean over the last axis of a function of single entries."""

    @abstractmethod
    def entries(self, predictions: Array, targets: Array) -> Array:
        """The loss of each entry, in the shape of the predictions."""

    @abstractmethod
    def slopes(self, predictions: Array, targets: Array) -> Array:
        """The derivative of each entry's loss with respect to its prediction."""

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        _needs_axis(predictions, self.name)
        values = self.entries(predictions, targets).mean(axis=-1)

        def backward(d_values: Array) -> Array:
            slopes = self.slopes(predictions, targets)
            count = predictions.dtype.type(predictions.shape[-1])
            return np.asarray(np.expand_dims(d_values, -1) / count * slopes)

        return LossValues(np.asarray(values), backward)


def _needs_axis(predictions: Array, name: str) -> None:
    if predictions.ndim < 1:
        raise ShapeError(f"{name}: predictions need at least one axis")


def clipped(values: Array, low: float, high: float) -> tuple[Array, Mask]:
    """Values within [low, high], and where they were so already: there the gradient passes."""
    kind = values.dtype.type
    lower, upper = kind(low), kind(high)
    return np.clip(values, lower, upper), (values >= lower) & (values <= upper)
