"""A training as an event file of TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hoiquy.callbacks.loggers.event_file import EventFile, read_events
from hoiquy.callbacks.loggers.logger import Ending, Logger
from hoiquy.callbacks.loggers.scalars import (
    Setting,
    epoch_measures,
    recipe_settings,
    result_measures,
)
from hoiquy.errors import MissingExtraError
from hoiquy.events import RunOpened
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord
from hoiquy.system.atomic_write import make_folder

_OF_EVERY_EPOCH = "val_loss"
_OWNER = "hoiquy-run.txt"  # whose events a folder holds


def tensorboard_logger(place: str) -> Logger:
    """A logger into a folder for `tensorboard --logdir`.

    Raises MissingExtraError if tensorboardX is not installed, HoiquyError if the folder cannot be
    made.
    """
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "--log tensorboard=… needs tensorboardX: pip install 'hoiquy[tensorboard]'"
        ) from error
    make_folder(Path(place))
    return TensorBoardLogger(Path(place))


class TensorBoardLogger:
    """Each training has a folder below `root`, named after its run folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file: EventFile | None = None
        self._settings: dict[str, Setting] = {}

    def begin(self, opened: RunOpened) -> set[int]:
        folder = _own_folder(self._root, opened.folder, opened.resumed)
        files = sorted(folder.glob("events.out.tfevents.*"))
        self._file = EventFile(folder)
        self._settings = recipe_settings(opened.recipe)
        return {
            event.step
            for file in files
            for event in read_events(file)
            if any(value.tag == _OF_EVERY_EPOCH for value in event.summary.value)
        }

    def log_epoch(self, record: EpochRecord, documents_per_second: float | None) -> None:
        self._write_scalars(epoch_measures(record, documents_per_second), record.epoch)

    def log_result(self, run: Run, figures: Sequence[Path]) -> None:
        from matplotlib.image import imread
        from tensorboardX.summary import hparams, image

        measures = result_measures(run)
        for summary in hparams(self._settings, measures):
            self._write(summary, 0)
        # the number of parameters and the time are only in the table of settings
        scores = {name: value for name, value in measures.items() if name.startswith("test_")}
        self._write_scalars(scores, run.result.epochs)
        for figure in figures:
            pixels = imread(figure)  # (height, width, 4) in 0 … 1
            summary = image(f"figures/{figure.stem}", pixels[..., :3], dataformats="HWC")
            self._write(summary, run.result.epochs)

    def end(self, ending: Ending) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write_scalars(self, measures: dict[str, float], step: int) -> None:
        if self._file is not None:
            self._file.write_scalars(measures, step)

    def _write(self, summary: Any, step: int) -> None:
        if self._file is not None:
            self._file.write(summary, step)


def _own_folder(root: Path, run: Path, resumed: bool) -> Path:
    """The folder for a run's events: `root/<name>`, with -2, -3 if another run has that.

    A resumed training gets the same folder again.
    """
    run = run.resolve()
    owner = str(run)
    number, before = 1, None
    while (folder := root / (run.name if number == 1 else f"{run.name}-{number}")).exists():
        if (folder / _OWNER).exists() and (folder / _OWNER).read_text("utf-8") == owner:
            before = folder
        number += 1
    if resumed and before is not None:
        return before
    folder.mkdir(parents=True)
    (folder / _OWNER).write_text(owner, "utf-8")
    return folder
