"""The base class of Keras' losses, and losses as functions."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from hoiquy.keras.configured import Configured, NamedFunction, ScriptFunction
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.names import snake_case
from hoiquy.keras.tensors import KerasTensor, eager_tensor
from hoiquy.keras.values.operators import is_within_code
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
        self.reduction = _REDUCTIONS.get(self.reduction, self.reduction)
        if self.reduction not in nn.REDUCTIONS:
            expected = ", ".join(nn.REDUCTIONS)
            raise KerasError(f"reduction {self.reduction!r} is unknown; expected one of {expected}")
        if self.is_of_script:
            self.name = given_name(self)
        else:
            self._nn_class()
            self.name = self.name or str(self.ARGUMENTS["name"])
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`; that of a script's class runs its `call`."""
        if self.NN is not None:
            return super().make()  # type: ignore[no-any-return]
        function: Any = self.call if type(self).call is not Loss.call else self.__call__
        if function == self.__call__ and type(self).__call__ is Loss.__call__:
            raise NotSupportedError(f"{type(self).__name__} has no call(y_true, y_pred)")
        traced: nn.Loss = late("values.traced_loss").TracedLoss(
            reduction=self.reduction, name=self.name, function=function
        )
        return traced

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: ArrayLike | None = None) -> Any:
        """The loss of a batch, a float32 number; an array with reduction="none".

        Steps that the mask of the predictions leaves out do not count.
        """
        if _is_symbolic(y_true, y_pred):
            values = self.call(y_true, y_pred)
            return values if self.reduction == "none" else late("ops").mean(values)
        mask = getattr(y_pred, "_keras_mask", None)
        if is_within_code([y_true, y_pred, sample_weight]):
            within = late("values.traced_loss")
            return within.reduced(self.call(y_true, y_pred), sample_weight, mask, self.reduction)
        predictions = np.asarray(y_pred, np.float32)
        values = self.make().values(predictions, np.asarray(y_true)).values
        weights = None if sample_weight is None else np.asarray(sample_weight)
        if self.reduction == "none":
            return eager_tensor(nn.weighted_values(values, weights, mask), None)
        loss, _ = nn.reduced(values, weights, mask, self.reduction)  # type: ignore[arg-type]
        return eager_tensor(np.asarray(loss, np.float32), None)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The values before they are reduced; of tensors of a model, a tensor of it."""
        if _is_symbolic(y_true, y_pred):
            return late("values.symbolic_loss").loss_of_tensors(y_true, y_pred, self.make())
        if is_within_code([y_true, y_pred]):
            within: Any = late("values.traced_loss").within_code(self.make(), y_true, y_pred)
            return within
        predictions = np.asarray(y_pred, np.float32)
        values = self.make().values(predictions, np.asarray(y_true)).values
        return eager_tensor(np.asarray(values), None)


class LossFunction(NamedFunction):
    """A loss as a function: `mean_squared_error(y_true, y_pred)` returns its values."""

    def __init__(self, kind: type[Loss], name: str | None = None) -> None:
        super().__init__(name or kind.name)
        self._kind = kind

    def __call__(self, y_true: Any, y_pred: Any, **settings: Any) -> Any:
        """The values of a batch, one for each row of the last axis."""
        return self._kind(**settings).call(y_true, y_pred)

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`, named as this function."""
        loss: nn.Loss = self._kind(name=self.name).make()
        return loss


class ScriptLossFunction(ScriptFunction):
    """A function of the script as a loss or a metric: it sees all rows of a batch."""

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`."""
        made: nn.Loss = late("values.traced_loss").TracedLoss(
            name=self.name, function=self.function
        )
        return made


def _is_symbolic(*values: Any) -> bool:
    return any(isinstance(value, KerasTensor) for value in values)


def given_name(made: Any) -> str:
    """The name of an object of a script's class: given, or after the class."""
    return made.name if made.name not in (None, "loss") else snake_case(type(made).__name__)
