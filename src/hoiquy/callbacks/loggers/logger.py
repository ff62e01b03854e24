"""What TensorBoard and MLflow have in common: they are told a training from begin to end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from hoiquy.events import RunOpened
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord

Ending = Literal["finished", "stopped", "failed"]


class Logger(Protocol):
    """Shows one training at a time. Every method may raise whatever its library raises."""

    def begin(self, opened: RunOpened) -> set[int]:
        """Begin to show a training, or go on with it; return the epochs that are shown already."""

    def log_epoch(self, record: EpochRecord, documents_per_second: float | None) -> None:
        """Show an epoch; its speed is None where nobody knows it any more."""

    def log_result(self, run: Run, figures: Sequence[Path]) -> None:
        """Show what came out of a complete run; figures are PNG files."""

    def end(self, ending: Ending) -> None:
        """Write out what is not yet, and close."""
