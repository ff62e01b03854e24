"""Saves the model during training."""

import warnings
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.keras.callbacks.callback import Logs
from hoiquy.keras.callbacks.monitor import MonitorCallback
from hoiquy.keras.errors import KerasError
from hoiquy.keras.messages import print_message
from hoiquy.keras.stale_names import AliasedLogs, logged
from hoiquy.keras.usage import record_ignored
from hoiquy.system.atomic_write import make_folder


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after every epoch or after some batches.

    The file is written atomically: an interruption leaves the previous one.
    """

    def __init__(
        self, filepath: str | PathLike[str], monitor: str = "val_loss", verbose: int = 0,
        save_best_only: bool = False, save_weights_only: bool = False, mode: str = "auto",
        save_freq: Any = None, initial_value_threshold: float | None = None,
        **older: Any,
    ) -> None:  # fmt: skip
        """Set what to save, and when.

        Args:
            filepath: May contain {epoch}, {batch} and names of the logs, such as
                "{epoch:02d}-{val_loss:.2f}.keras". Ending .keras, .h5 or .hdf5; for weights
                .weights.h5, .h5 or .hdf5.
            monitor: The name in the logs that tells the best model.
            verbose: 1 prints each save.
            save_best_only: Whether to save only where the monitored value improves.
            save_weights_only: Whether to save the weights without the layers.
            mode: "min", "max", or "auto": by the metric of this name.
            save_freq: "epoch", or after how many batches to save.
            initial_value_threshold: The value to beat at the start.
            **older: `period`, of Keras 1 and 2: save every so many epochs. `options` is ignored.

        Raises:
            KerasError: An argument is unknown or has a wrong value.
        """
        super().__init__(monitor, mode, initial_value_threshold)
        self.verbose = verbose
        self.filepath = fspath(filepath)
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        if not (save_freq in (None, "epoch") or _is_count(save_freq)):
            raise KerasError(
                f"ModelCheckpoint: save_freq={save_freq!r}; expected 'epoch' or a number of batches"
            )
        self.save_freq = None if save_freq == "epoch" else save_freq  # batches; None: epochs
        self.period = self._older_arguments(older)
        self._epochs_since_save = 0
        self._batches_since_save = 0
        self._last_batch: int | None = None
        self._epoch = 0

    @staticmethod
    def _older_arguments(older: dict[str, Any]) -> int:
        """The period in epochs. Raises KerasError for unknown arguments."""
        period = older.pop("period", None) or 1
        if older.pop("options", None) is not None:
            record_ignored("ModelCheckpoint", "options", "it only concerns files of TensorFlow")
        for name in older:
            raise KerasError(f"ModelCheckpoint has no argument {name!r}")
        if not _is_count(period):
            raise KerasError(f"ModelCheckpoint: period={period!r}; expected a number of epochs")
        return int(period)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq is None:
            return
        is_new_epoch = self._last_batch is None or batch <= self._last_batch
        self._batches_since_save += batch + 1 if is_new_epoch else batch - (self._last_batch or 0)
        self._last_batch = batch
        if self._batches_since_save >= self.save_freq:
            self._batches_since_save = 0
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_best_only:
            self.resolve_direction()
        self._epochs_since_save += 1
        if self.save_freq is None and self._epochs_since_save >= self.period:
            self._epochs_since_save = 0
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._is_wanted(epoch, logs, path):
            return
        make_folder(Path(path).parent)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            print_message(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _is_wanted(self, epoch: int, logs: Logs, path: str) -> bool:
        """Whether to save now, by the monitored value."""
        if not self.save_best_only:
            self._report(f"\nEpoch {epoch + 1}: saving model to {path}")
            return True
        current = logged(logs, self.monitor)
        if current is None or np.ndim(current) > 0:
            found = "is missing" if current is None else "is not a number"
            warnings.warn(
                f"ModelCheckpoint: save_best_only needs {self.monitor!r}, which {found} in the "
                f"logs ({', '.join(logs)}); the model is saved anyway",
                stacklevel=2,
            )
            return True
        self.resolve_direction()
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self.is_improvement(current, self.best):
            self._report(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {best}")
            return False
        self._report(
            f"\nEpoch {epoch + 1}: {self.monitor} improved from {best} to {current:.5f}, "
            f"saving model to {path}"
        )
        self.best = current
        return True

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        """The path with its placeholders filled. Raises KerasError for an unknown one."""
        values = AliasedLogs(logs)
        values["epoch"] = epoch + 1
        if batch is not None:
            values.setdefault("batch", batch + 1)
        try:
            return self.filepath.format_map(values)
        except KeyError as error:
            raise KerasError(
                f"ModelCheckpoint: {self.filepath!r} names {error}, which is not in the logs: "
                f"{', '.join(sorted(values))}"
            ) from error
        except (ValueError, IndexError, AttributeError) as error:
            raise KerasError(
                f"ModelCheckpoint: {self.filepath!r} is not a path: {error}"
            ) from error

    def _report(self, message: str) -> None:
        if self.verbose > 0:
            print_message(message)


def _is_count(value: Any) -> bool:
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_integer and bool(value >= 1)
