"""The base class of Keras' losses, and losses as functions."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.keras.configured import Configured, NamedFunction
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.nn import losses as nn

_REDUCTIONS: dict[Any, str] = {"auto": "sum_over_batch_size", None: "none"}


class Reduction:
    """Keras 2's names of reductions."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss(Configured):
    """A loss; called with targets and predictions, it returns the loss of the batch."""

    MODULE = "keras.losses"
    OMITTED: ClassVar[tuple[str, ...]] = ("dtype",)
    reduction: str = "sum_over_batch_size"
    name: str = "loss"
    dtype: Any = None

    def _check(self) -> None:
        self._nn_class()
        self.reduction = _REDUCTIONS.get(self.reduction, self.reduction)
        if self.reduction not in nn.REDUCTIONS:
            expected = ", ".join(nn.REDUCTIONS)
            raise KerasError(f"reduction {self.reduction!r} is unknown; expected one of {expected}")
        self.name = self.name or str(self.ARGUMENTS["name"])
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any:
        """The loss of a batch, a float32 number; an array with reduction="none"."""
        predictions = np.asarray(y_pred, np.float32)
        values = self.make().values(predictions, np.asarray(y_true)).values
        weights = None if sample_weight is None else np.asarray(sample_weight)
        if self.reduction == "none":
            return nn.weighted_values(values, weights, None)
        return np.float32(nn.reduced(values, weights, None, self.reduction)[0])  # type: ignore[arg-type]

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[Any]:
        """The values before they are reduced."""
        predictions = np.asarray(y_pred, np.float32)
        return np.asarray(self.make().values(predictions, np.asarray(y_true)).values)


class LossFunction(NamedFunction):
    """A loss as a function: `mean_squared_error(y_true, y_pred)` returns its values."""

    def __init__(self, kind: type[Loss], name: str | None = None) -> None:
        super().__init__(name or kind.name)
        self._kind = kind

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> NDArray[Any]:
        """The values of a batch, one for each row of the last axis."""
        return self._kind(**settings).call(y_true, y_pred)

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`, named as this function."""
        loss: nn.Loss = self._kind(name=self.name).make()
        return loss
