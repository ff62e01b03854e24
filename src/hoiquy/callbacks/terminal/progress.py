"""Show training progress on stderr: a bar on a terminal, else a line per epoch."""

import time
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from hoiquy.callbacks.terminal.lines import lines_of, measures_of, stage_of
from hoiquy.events import (
    Event,
    Preparing,
    PretrainingStarted,
    PretrainingStep,
    StepFinished,
    TrainingStarted,
    UnderWay,
)
from hoiquy.messages import Lang, default_language, text, translated

if TYPE_CHECKING:
    from hoiquy.callbacks.terminal.display import Display

_MOST_NAMED = 4  # tasks of other processes
_SECONDS_BETWEEN = 0.1  # between two updates of a step's measures


class TrainingProgress:
    """A listener for training events, used as a context manager.

    quiet: show nothing. lang: by default that of `set_language`, else of the environment.
    """

    def __init__(self, quiet: bool = False, lang: "Lang | None" = None) -> None:
        self._lang: Lang = lang or default_language()
        self._quiet = quiet
        self._lock = Lock()
        self._made: Display | None = None
        self._started: TrainingStarted | PretrainingStarted | None = None
        self._preparing = ""
        self._prepared_since = 0.0  # time.monotonic()
        self._measured = 0.0  # time.monotonic()
        self._compiling = False
        self._plain = False

    def __enter__(self) -> "TrainingProgress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._made is not None:
            self._made.stop()

    @property
    def _display(self) -> "Display":
        """Made for the first event: `hoiquy predict` of a text has none, and rich loads slowly."""
        from hoiquy.callbacks.terminal.display import Display

        with self._lock:  # events may come from several threads
            self._made = self._made or Display(self._quiet)
            return self._made

    def __call__(self, event: Event) -> None:
        if isinstance(event, Preparing):
            self._prepare(event)
        elif isinstance(event, TrainingStarted | PretrainingStarted):
            self._started = event
            self._display.restart(event.epochs * event.steps_per_epoch)
            self._describe(1)
        elif isinstance(event, StepFinished | PretrainingStep):
            self._step(event)
        elif isinstance(event, UnderWay):
            self._under_way(event)
        else:
            for line in lines_of(event, self._started, self._lang):
                self._display.say(line)

    def say(self, line: str) -> None:
        """Print a line above the bar; English lines of hoiquy are translated."""
        self._display.say(translated(line, self._lang))

    def _prepare(self, event: Preparing) -> None:
        what = stage_of(event, self._lang)
        if event.what == "plain kernels":
            if not self._plain:
                self.say(what)
            self._plain = True
        elif self._display.live:
            if what != self._preparing:
                self._prepared_since = time.monotonic()
            self._display.update(
                description=what, total=event.total, completed=event.done,
                visible=True, measures=self._preparing_speed(event),
            )  # fmt: skip
        elif what != self._preparing and not (event.what == "kernels" and self._compiling):
            self.say(f"{what} …")
        self._preparing = what
        self._compiling |= event.what == "kernels"  # reported at the start and again when waiting

    def _preparing_speed(self, event: Preparing) -> str:
        if event.what not in ("vocabulary", "storing") or not event.done:
            return ""
        seconds = time.monotonic() - self._prepared_since
        speed = event.done / max(seconds, 1e-3)
        return text("progress.documents_per_second", self._lang, speed=speed)

    def _step(self, event: StepFinished | PretrainingStep) -> None:
        assert self._started is not None
        if not self._display.live:
            return
        self._describe(event.epoch)
        done = (event.epoch - 1) * self._started.steps_per_epoch + event.step
        self._display.update(completed=done)
        if time.monotonic() - self._measured >= _SECONDS_BETWEEN:
            self._measured = time.monotonic()
            self._display.update(measures=measures_of(event, self._lang))

    def _describe(self, epoch: int) -> None:
        assert self._started is not None
        description = f"{self._started.recipe}  epoch {epoch}/{self._started.epochs}"
        self._display.update(description=description)

    def _under_way(self, event: UnderWay) -> None:
        more = len(event.what) - _MOST_NAMED
        named = list(event.what[:_MOST_NAMED])
        if more > 0:
            named.append(text("progress.more", self._lang, count=more))
        self._display.update(
            description=", ".join(named), total=event.total,
            completed=event.done, visible=True, measures="",
        )  # fmt: skip
