"""Stops training when a value no longer improves."""

import warnings
from typing import Any

from hoiquy.keras.callbacks.callback import Logs
from hoiquy.keras.callbacks.monitor import MonitorCallback
from hoiquy.keras.messages import print_message
from hoiquy.keras.stale_names import logged


class EarlyStopping(MonitorCallback):
    """Stops training after `patience` epochs without an improvement, as Keras 3 does.

    Attributes:
        stopped_epoch: The epoch after which training stopped, from 0; 0 if it did not.
        best_epoch: The epoch of the best value.
        best_weights: The weights of that epoch, where they are to be restored.
    """

    def __init__(
        self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0,
        mode: str = "auto", baseline: float | None = None, restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:  # fmt: skip
        """Set when to stop.

        Args:
            monitor: The name in the logs.
            min_delta: The smallest change that is an improvement.
            patience: Epochs without an improvement after which training stops.
            verbose: 1 prints that training stopped.
            mode: "min", "max", or "auto": by the metric of this name.
            baseline: The value to beat; until then epochs count as without an improvement.
            restore_best_weights: Whether the model gets the weights of the best epoch at the end.
            start_from_epoch: Epochs before this one are ignored.
        """
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights: list[Any] | None = None
        self.best_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.resolve_direction()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self.is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            if self.baseline is None or self.is_improvement(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_message(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print_message(
                    f"Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """The watched value of an epoch; None, with a warning, if it is missing."""
        value = logged(logs or {}, self.monitor)
        if value is None:
            warnings.warn(
                f"EarlyStopping watches {self.monitor!r}, which is not in the logs: "
                f"{', '.join(logs or {})}",
                stacklevel=2,
            )
        return value

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()
