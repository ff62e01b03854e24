"""Passes the events of the training loop on to callbacks."""

from collections.abc import Mapping
from typing import Any

from hoiquy.keras.callbacks import CallbackList
from hoiquy.training.arrays import FitListener

Logs = Mapping[str, float]


class CallbackListener(FitListener):
    """The events of `fit`, `evaluate` or `predict` for a list of callbacks."""

    def __init__(self, model: Any, callbacks: CallbackList) -> None:
        self._model = model
        self.callbacks = callbacks

    @property
    def stop_training(self) -> bool:
        """`model.stop_training`, which callbacks set."""
        return bool(self._model.stop_training)

    @stop_training.setter
    def stop_training(self, value: bool) -> None:
        self._model.stop_training = value

    def on_train_begin(self) -> None:
        self.callbacks.on_train_begin()

    def on_train_end(self, logs: Logs) -> None:
        self.callbacks.on_train_end(logs)

    def on_epoch_begin(self, epoch: int) -> None:
        self.callbacks.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.callbacks.on_epoch_end(epoch, logs)

    def on_batch_begin(self, step: int) -> None:
        self.callbacks.on_train_batch_begin(step)

    def on_batch_end(self, step: int, logs: Logs) -> None:
        self.callbacks.on_train_batch_end(step, logs)

    def on_test_begin(self) -> None:
        self.callbacks.on_test_begin()

    def on_test_end(self, logs: Logs) -> None:
        self.callbacks.on_test_end(logs)

    def on_test_batch_begin(self, step: int) -> None:
        self.callbacks.on_test_batch_begin(step)

    def on_test_batch_end(self, step: int, logs: Logs) -> None:
        self.callbacks.on_test_batch_end(step, logs)

    def on_predict_begin(self) -> None:
        self.callbacks.on_predict_begin()

    def on_predict_end(self) -> None:
        self.callbacks.on_predict_end()

    def on_predict_batch_begin(self, step: int) -> None:
        self.callbacks.on_predict_batch_begin(step)

    def on_predict_batch_end(self, step: int) -> None:
        self.callbacks.on_predict_batch_end(step)
