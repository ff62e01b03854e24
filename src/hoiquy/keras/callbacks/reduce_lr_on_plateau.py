"""Lowers the learning rate when a value no longer improves."""

import warnings
from typing import Any

import numpy as np

from hoiquy.keras.callbacks.callback import Logs
from hoiquy.keras.callbacks.monitor import MonitorCallback
from hoiquy.keras.errors import KerasError
from hoiquy.keras.messages import print_message
from hoiquy.keras.stale_names import logged


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` after `patience` epochs without an improvement."""

    def __init__(
        self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0,
        mode: str = "auto", min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0.0,
        *, epsilon: float | None = None,
    ) -> None:  # fmt: skip
        """Set when to lower it.

        Args:
            monitor: The name in the logs.
            factor: Below 1.
            patience: Epochs without an improvement after which the learning rate is lowered.
            verbose: 1 prints each change.
            mode: "min", "max", or "auto": by the metric of this name.
            min_delta: The smallest change that is an improvement.
            cooldown: Epochs after a change in which patience does not count.
            min_lr: The lowest learning rate.
            epsilon: An older name of min_delta.

        Raises:
            KerasError: The factor is 1 or more.
        """
        super().__init__(monitor, mode, min_delta=min_delta if epsilon is None else epsilon)
        if factor >= 1.0:
            raise KerasError(f"ReduceLROnPlateau: factor={factor} does not lower; expected below 1")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.resolve_direction()
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        current = logged(logs, self.monitor)
        if current is None:
            warnings.warn(
                f"ReduceLROnPlateau watches {self.monitor!r}, which is not in the logs: "
                f"{', '.join(logs)}",
                stacklevel=2,
            )
            return
        self._count(current, epoch)

    def in_cooldown(self) -> bool:
        """Whether the learning rate was lowered less than `cooldown` epochs ago."""
        return self.cooldown_counter > 0

    def _count(self, current: Any, epoch: int) -> None:
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._lower(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _lower(self, epoch: int) -> bool:
        """Lower the learning rate; returns False if it is at its lowest."""
        old = float(self.model.optimizer.learning_rate)
        if old <= np.float32(self.min_lr):
            return False
        new = max(old * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = new
        if self.verbose > 0:
            print_message(
                f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}."
            )
        return True
