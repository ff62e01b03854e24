"""Losses of the script as losses of `hoiquy.nn`, with gradients from autograd."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import autograd.numpy as anp
import numpy as np
from autograd import make_vjp
from autograd.tracer import getval
from numpy.typing import NDArray

from hoiquy.keras.values.conversion import as_data, kept, named_in_errors
from hoiquy.keras.values.primitives import loss_values
from hoiquy.keras.values.scope import CallScope, call_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn import losses as nn
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses import Loss
from hoiquy.nn.losses.base import LossValues
from hoiquy.nn.losses.targets import same_rank


@dataclass(frozen=True)
class TracedLoss(Loss):
    """A function of targets and predictions, which sees the whole batch.

    function: (targets, predictions) → values: one for each row or number, or one for the batch.
    """

    function: Callable[[Any, Any], Any] = field(default=lambda targets, predictions: None)

    couples_rows: ClassVar[bool] = True
    keras_name: ClassVar[str] = "loss"

    def values(self, predictions: Array, targets: NDArray[Any]) -> LossValues:
        """As of any loss; a single value of a batch counts as that of each row."""
        fitted, wanted = same_rank(predictions, np.asarray(targets))
        wanted = wanted.astype(fitted.dtype, copy=False)
        shapes: list[tuple[int, ...]] = []

        def compute(data: Any) -> Any:
            with call_scope(CallScope(training=True)), np.errstate(all="ignore"):
                result = as_data(self.function(Value(wanted), Value(data)))
            shapes[:] = [np.shape(getval(result))]
            if isinstance(result, bool | int | float):
                result = np.asarray(result, fitted.dtype)
            return kept(result, fitted.dtype)

        with named_in_errors(self.name):
            pull_back, answer = make_vjp(compute)(fitted)
        values = np.asarray(answer)
        if shapes[0] == ():
            values = np.broadcast_to(values, (len(fitted),))

        def backward(d_values: Array) -> Array:
            given = np.asarray(d_values.sum() if shapes[0] == () else d_values, fitted.dtype)
            return np.asarray(pull_back(given), fitted.dtype).reshape(predictions.shape)

        return LossValues(values, backward)

    def _values(self, predictions: Array, targets: Array) -> LossValues:
        return self.values(predictions, targets)


def reduced(values: Any, weights: Any, mask: Any, reduction: Any) -> Value:
    """The values of a batch inside the code of a script, combined as `reduction` says.

    Args:
        values: One for each row or step, or one for the batch, which is returned.
        weights: Sample weights, which are no part of the derivative; None for 1 each.
        mask: Which values count; None for all.
        reduction: As in `hoiquy.nn.losses`.
    """
    data = as_data(values)
    shape = np.shape(getval(data))
    if not shape:
        return Value(data)
    numbers = None if weights is None else np.asarray(getval(as_data(weights)))
    if reduction == "none":
        factors = nn.weighted_values(np.ones(shape, np.float32), numbers, mask)
        return Value(data * factors)
    _, scale = nn.reduced(np.zeros(shape, np.float32), numbers, mask, reduction)
    return Value(anp.sum(data * scale.astype(getval(data).dtype)))


def within_code(loss: Loss, y_true: Any, y_pred: Any) -> Value:
    """The values of a loss of `hoiquy.nn` inside the code of a script's loss."""
    predictions, targets = as_data(y_pred), as_data(y_true)
    return Value(loss_values(loss, predictions, np.asarray(getval(targets))))
