"""Show training progress on stderr: a bar on a terminal, else a line per epoch."""

import time
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from hoiquy.events import (
    DataRead,
    Diagnosed,
    EnsembleStep,
    EpochElsewhere,
    EpochFinished,
    Event,
    Planned,
    Preparing,
    PretrainingEpoch,
    PretrainingStarted,
    PretrainingStep,
    Resumed,
    StepFinished,
    TrainingStarted,
    UnderWay,
    VectorsRead,
    WorkersChanged,
)
from hoiquy.recipe.layer_tables import EmbeddingLayer, RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord

if TYPE_CHECKING:
    from hoiquy.cli.display import Display
    from hoiquy.messages import Lang

_MOST_NAMED = 4  # tasks of other processes
_PREPARING = {
    "reading": "reading",
    "vocabulary": "counting words",
    "encoding": "encoding documents",
    "storing": "writing the token store",
    "vectors": "reading word vectors",
    "baseline": "training a baseline",
    "workers": "starting the workers",
    "kernels": "compiling the kernels (once on this machine, about 10 seconds)",
    "plain kernels": "this processor has neither AVX2 with FMA nor NEON: using the plain NumPy "
    "kernels, which are several times slower",
}


class TrainingProgress:
    """A listener for training events, used as a context manager.

    lang: of the training doctor's messages.
    """

    def __init__(self, quiet: bool = False, lang: "Lang" = "en") -> None:
        self._lang = lang
        self._quiet = quiet
        self._lock = Lock()
        self._made: Display | None = None
        self._started: TrainingStarted | PretrainingStarted | None = None
        self._preparing = ""
        self._prepared_since = 0.0  # time.monotonic()
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
        from hoiquy.cli.display import Display

        with self._lock:  # events may come from several threads
            self._made = self._made or Display(self._quiet)
            return self._made

    def __call__(self, event: Event) -> None:
        if isinstance(event, Preparing):
            self._prepare(event)
        elif isinstance(event, DataRead):
            self.say(event.description)
        elif isinstance(event, Planned):
            self.say(_plan_line(event))
        elif isinstance(event, Resumed):
            for problem in event.damaged:
                self.say(f"{problem}: using the previous checkpoint")
            self.say(f"resuming in epoch {event.epoch} after step {event.step}")
        elif isinstance(event, TrainingStarted | PretrainingStarted):
            self._started = event
            total = event.epochs * event.steps_per_epoch
            self._display.restart(total)
            self._describe(1)
        elif isinstance(event, StepFinished):
            self._step(event, _measures(event))
        elif isinstance(event, PretrainingStep):
            speed = f"{event.words_per_second:,.0f} words/s"
            self._step(event, f"loss {event.loss:.4f}  {speed}")
        elif isinstance(event, EpochFinished):
            self.say(self._epoch_line(event))
        elif isinstance(event, PretrainingEpoch):
            self.say(self._pretraining_line(event))
        elif isinstance(event, WorkersChanged | VectorsRead):
            self.say(event.line)
        elif isinstance(event, EpochElsewhere):
            self.say(_epoch_start(event.run, event.record, event.epochs))
        elif isinstance(event, UnderWay):
            more = len(event.what) - _MOST_NAMED
            named = [*event.what[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
            self._display.update(
                description=", ".join(named), total=event.total,
                completed=event.done, visible=True, measures="",
            )  # fmt: skip
        elif isinstance(event, EnsembleStep):
            left = event.seconds_left
            time_left = "" if left is None else f", {max(left, 0) / 60:.1f} minutes left"
            self.say(f"{event.model}: together {event.accuracy:.2%} of held-out texts{time_left}")
        elif isinstance(event, Diagnosed):
            self.say(f"  ! {event.diagnostic.text(self._lang)}")

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._display.say(line)

    def _prepare(self, event: Preparing) -> None:
        what = event.detail or _PREPARING[event.what]
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
        return f"{event.done / max(seconds, 1e-3):,.0f} documents/s"

    def _step(self, event: StepFinished | PretrainingStep, measures: str) -> None:
        assert self._started is not None
        self._describe(event.epoch)
        self._display.update(
            completed=(event.epoch - 1) * self._started.steps_per_epoch + event.step,
            measures=measures,
        )

    def _describe(self, epoch: int) -> None:
        assert self._started is not None
        description = f"{self._started.recipe}  epoch {epoch}/{self._started.epochs}"
        self._display.update(description=description)

    def _pretraining_line(self, event: PretrainingEpoch) -> str:
        assert self._started is not None
        return (
            f"{self._started.recipe}  epoch {event.epoch}/{self._started.epochs}  "
            f"loss {event.loss:.4f}  perplexity {event.perplexity:,.1f} on held-out documents  "
            f"{event.words_per_second:,.0f} words/s  {event.seconds:.0f} s"
        )

    def _epoch_line(self, event: EpochFinished) -> str:
        assert self._started is not None
        return (
            f"{_epoch_start(self._started.recipe, event.record, self._started.epochs)}  "
            f"{event.documents_per_second:,.0f} documents/s  {event.seconds:.0f} s"
        )


def _epoch_start(name: str, record: EpochRecord, epochs: int) -> str:
    return (
        f"{name}  epoch {record.epoch}/{epochs}  "
        f"loss {record.loss:.4f}  accuracy {record.accuracy:.2%}  "
        f"val_loss {record.val_loss:.4f}  val_accuracy {record.val_accuracy:.2%}"
    )


def _measures(event: StepFinished) -> str:
    speed = f"{event.documents_per_second:,.0f} documents/s"
    return f"loss {event.loss:.4f}  accuracy {event.accuracy:.1%}  {speed}"


def _units(recipe: Recipe) -> str:
    layers = recipe.model.layers
    units = [layer.units for layer in layers if isinstance(layer, RecurrentLayer)]
    shown = f"{', '.join(map(str, units))} units"
    first = layers[0]
    if isinstance(first, EmbeddingLayer) and first.units not in units:  # as word vectors have
        return f"{shown} on vectors of {first.units} numbers"
    return shown


def _plan_line(event: Planned) -> str:
    recipe = event.recipe
    time = "" if event.seconds is None else f", about {event.seconds:.0f} s of training"
    return (
        f"{recipe.name}: {recipe.description}; {_units(recipe)}, up to "
        f"{recipe.data.max_length} tokens of a text, {recipe.training.epochs} epochs{time}"
    )
