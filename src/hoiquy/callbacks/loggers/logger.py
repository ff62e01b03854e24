"""The interface of a logger, which follows a training from start to end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from hoiquy.events import RunOpened
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord

Ending = Literal["finished", "stopped", "failed"]


class Logger(Protocol):
    """Logs one training at a time. Every method may raise whatever its library raises."""

    def begin(self, opened: RunOpened) -> set[int]:
        """Start or continue logging a training; return the epochs that are logged already."""

    def log_epoch(self, record: EpochRecord, documents_per_second: float | None) -> None:
        """Log an epoch; its speed is None if unknown."""

    def log_result(self, run: Run, figures: Sequence[Path]) -> None:
        """Log the results of a complete run; figures are PNG files."""

    def end(self, ending: Ending) -> None:
        """Flush and close."""
