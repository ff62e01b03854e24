"""The base class of Keras' losses, and losses as functions."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.keras.configured import Configured
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.nn import losses as nn

_REDUCTIONS: dict[Any, str] = {"auto": "sum_over_batch_size", None: "none"}


class Reduction:
    """Keras 2's names of reductions."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


def arguments(name: str, **settings: Any) -> dict[str, Any]:
    return {**settings, "reduction": "sum_over_batch_size", "name": name, "dtype": None}


class Loss(Configured):
    """A loss; called with targets and predictions, it returns the loss of the batch."""

    MODULE = "keras.losses"
    OMITTED: ClassVar[tuple[str, ...]] = ("dtype",)
    ARGUMENTS: ClassVar[Mapping[str, Any]] = arguments("loss")
    name: str
    reduction: str

    def _check(self) -> None:
        if self.NN is None:
            raise NotSupportedError(
                "losses of the script's own are not supported yet; use one of keras.losses"
            )
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


class LossFunction:
    """A loss as a function: `mean_squared_error(y_true, y_pred)` returns its values."""

    def __init__(self, name: str, kind: type[Loss]) -> None:
        self.__name__ = self.name = name
        self._kind = kind

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> NDArray[Any]:
        """The values of a batch, one for each row of the last axis."""
        return self._kind(**settings).call(y_true, y_pred)

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`, named as this function."""
        loss: nn.Loss = self._kind(name=self.name).make()
        return loss

    def serialized(self) -> dict[str, Any]:
        """Keras 3's configuration of a function."""
        return {
            "module": "builtins",
            "class_name": "function",
            "config": self.name,
            "registered_name": "function",
        }

    def __repr__(self) -> str:
        return f"<function {self.name}>"
