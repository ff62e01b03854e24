"""Sets the learning rate of each epoch."""

from collections.abc import Callable

import numpy as np

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.errors import KerasError
from hoiquy.keras.messages import print_message


class LearningRateScheduler(Callback):
    """Sets the learning rate to `schedule(epoch, learning_rate)` or `schedule(epoch)`."""

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        try:
            rate = self.schedule(epoch, float(optimizer.learning_rate))
        except TypeError:  # a function of the epoch alone
            rate = self.schedule(epoch)
        if not isinstance(rate, float | np.float32):
            raise KerasError(
                f"LearningRateScheduler: the schedule returned {rate!r}; expected a float"
            )
        optimizer.learning_rate = rate
        if self.verbose > 0:
            print_message(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}."
            )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
