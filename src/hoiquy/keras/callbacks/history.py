"""The metrics of all epochs, which `fit` returns."""

from typing import Any

from hoiquy.keras.callbacks.callback import Callback, Logs
from hoiquy.keras.stale_names import AliasedLogs


class History(Callback):
    """Records the logs of each epoch.

    Attributes:
        history: A list of values by name; `history["acc"]` finds "accuracy" and the reverse.
        epoch: The numbers of the recorded epochs, from 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = AliasedLogs()
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
