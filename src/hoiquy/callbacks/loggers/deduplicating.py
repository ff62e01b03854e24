"""A wrapper of one logger that logs no epoch twice and contains its errors."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from hoiquy.callbacks.loggers.logger import Ending, Logger
from hoiquy.events import EpochFinished, Event, RunCompleted, RunOpened
from hoiquy.messages import Lang, translated
from hoiquy.report.curves import draw_learning_curves
from hoiquy.report.exercises import run_title
from hoiquy.runs.folder import load_run
from hoiquy.runs.history import EpochRecord


class Deduplicating:
    """Tracks which epochs a logger has, and switches it off after an error."""

    def __init__(self, option: str, logger: Logger, lang: Lang) -> None:
        self._option, self._logger, self._lang = option, logger, lang
        self._folder: Path | None = None  # of the open training
        self._shown: set[int] = set()
        self._works = True

    def on_event(self, event: Event) -> None:
        if isinstance(event, RunOpened):
            self._try(lambda: self._begin(event))
        elif isinstance(event, EpochFinished):
            self._try(lambda: self._show(event.record, event.documents_per_second))
        elif isinstance(event, RunCompleted):
            self._try(self._complete)

    def close(self, ending: Ending) -> None:
        """End the open training, if any."""
        if self._folder is not None:
            self._try(lambda: self._end(ending))

    def _try(self, act: Callable[[], None]) -> None:
        """Call `act`; any error of the library or its server only switches the logger off."""
        if not self._works:
            return
        try:
            act()
        except Exception as error:
            self._works = False
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            where = self._folder or "the training"
            line = f"hoiquy: --log {self._option} is switched off, {where} continues: {reason}"
            print(translated(line), file=sys.stderr)

    def _begin(self, opened: RunOpened) -> None:
        self._folder = opened.folder
        self._shown = self._logger.begin(opened)
        self._catch_up(opened.history)

    def _show(self, record: EpochRecord, documents_per_second: float | None = None) -> None:
        if record.epoch not in self._shown:
            self._logger.log_epoch(record, documents_per_second)
            self._shown.add(record.epoch)

    def _catch_up(self, history: Sequence[EpochRecord]) -> None:
        """Log epochs without an event: a training can be killed after saving an epoch."""
        for record in history:
            self._show(record)

    def _complete(self) -> None:
        assert self._folder is not None
        run = load_run(self._folder)
        self._catch_up(run.history)
        figures = draw_learning_curves(
            run.history, run_title(run, self._lang), run.folder / "figures", self._lang
        )
        self._logger.log_result(run, figures)
        self._end("finished")

    def _end(self, ending: Ending) -> None:
        assert self._folder is not None
        if ending == "stopped":
            self._catch_up(load_run(self._folder).history)
        self._logger.end(ending)
        self._folder = None
