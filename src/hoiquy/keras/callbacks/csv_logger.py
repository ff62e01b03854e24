"""Writes the logs of each epoch to a CSV file."""

import csv
from os import PathLike
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from hoiquy.errors import WriteError
from hoiquy.keras.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes one row an epoch: the epoch, then the logs in the order of their names."""

    def __init__(
        self, filename: str | PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        """Set the file.

        Args:
            filename: The file; its folder exists.
            separator: Between the cells.
            append: Whether rows are added to an existing file, without a second header.
        """
        super().__init__()
        self.sep = separator
        self.filename = Path(filename)
        self.append = append
        self._file: TextIO | None = None
        self._writer: csv.DictWriter[str] | None = None
        self._names: list[str] = []
        self._needs_header = True

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.close()
        try:
            has_rows = self.append and self.filename.exists() and self.filename.stat().st_size > 0
            self._needs_header = not has_rows
            self._file = self.filename.open(
                "a" if self.append else "w", encoding="utf-8", newline=""
            )
        except OSError as error:
            raise WriteError(f"cannot write {self.filename}: {error.strerror or error}") from error
        self._writer = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        if self._file is None:
            return
        if self._writer is None:
            self._writer = self._started_writer(logs, self._file)
        values = {name: _cell(logs.get(name, "NA")) for name in self._names}
        self._writer.writerow({"epoch": epoch, **values})
        self._file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None

    def _started_writer(self, logs: Logs, file: TextIO) -> "csv.DictWriter[str]":
        self._names = sorted(logs)
        if not any(name.startswith("val_") for name in self._names):
            self._names += [f"val_{name}" for name in self._names]
        columns = ["epoch", *self._names]
        writer = csv.DictWriter(file, columns, delimiter=self.sep)
        if self._needs_header:
            writer.writeheader()
        return writer


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        return f'"[{", ".join(map(str, value))}]"'
    return value
