"""Stops training when the loss is not a number."""

import numpy as np

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.errors import KerasError
from hoiquy.keras.messages import print_message


class TerminateOnNaN(Callback):
    """Stops training at the first batch whose loss is NaN or infinite.

    raise_error: whether to raise KerasError instead of stopping.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or np.isfinite(loss):
            return
        if self.raise_error:
            raise KerasError(f"batch {batch}: the loss is {loss}; training stopped")
        print_message(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
