"""Losses of tensors of a model."""

from typing import Any

import numpy as np
from autograd.tracer import getval

from hoiquy.keras.values.operation import operation
from hoiquy.keras.values.primitives import loss_values


@operation("y_pred", plain=("y_true",), name="Loss", module="losses")
def loss_of_tensors(y_true: Any, y_pred: Any, loss: Any) -> Any:
    """The values of a loss of `hoiquy.nn`; targets get no gradient."""
    return loss_values(loss, y_pred, np.asarray(getval(y_true)))
