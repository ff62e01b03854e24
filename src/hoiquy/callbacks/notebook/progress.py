"""Progress of a training in a notebook: one output that grows by a line per epoch."""

import html
import time
from typing import Any

from hoiquy.callbacks.terminal.lines import lines_of
from hoiquy.events import (
    Diagnosed,
    EnsembleStep,
    EpochFinished,
    Event,
    Preparing,
    PretrainingEpoch,
    PretrainingPlanned,
    PretrainingStarted,
    PretrainingStep,
    Resumed,
    RunCompleted,
    StepFinished,
    TrainingStarted,
    UnderWay,
    VectorsRead,
    WorkersChanged,
)
from hoiquy.messages import Lang, default_language, text, translated

_SECONDS_BETWEEN = 0.5  # between two updates of the current line


class NotebookProgress:
    """A listener that shows finished steps as lines, and the current one below them."""

    def __init__(self, lang: Lang | None = None) -> None:
        self._lang: Lang = lang or default_language()
        self._done: list[str] = []
        self._handle: Any = None
        self._shown = 0.0
        self._started: TrainingStarted | PretrainingStarted | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Preparing):
            self._prepare(event)
        elif isinstance(event, Resumed):
            self._add(self._text("resumed", epoch=event.epoch, step=event.step))
        elif isinstance(event, TrainingStarted | PretrainingStarted):
            self._started = event
            self._show(self._text("first_step"))
        elif isinstance(event, StepFinished):
            self._step(event)
        elif isinstance(event, EpochFinished):
            self._epoch(event)
        elif isinstance(event, UnderWay):
            self._show(", ".join(event.what))
        elif isinstance(event, PretrainingStep | PretrainingEpoch):
            self._pretraining(event)
        elif isinstance(event, PretrainingPlanned):
            for line in lines_of(event, None, self._lang):
                self._add(line)
        elif isinstance(event, WorkersChanged | VectorsRead):
            self._add(translated(event.line, self._lang))
        elif isinstance(event, EnsembleStep):
            self._ensemble(event)
        elif isinstance(event, Diagnosed):
            self._add(f"! {event.diagnostic.text(self._lang)}")
        elif isinstance(event, RunCompleted):
            self._show("", now=True)

    def _ensemble(self, event: EnsembleStep) -> None:
        key = "linear_step" if event.linear_accuracy is None else "ensemble_step"
        line = self._text(
            key, model=event.model, accuracy=event.accuracy, documents=event.documents,
            linear=event.linear_accuracy,
        )  # fmt: skip
        self._add(line)

    def _prepare(self, event: Preparing) -> None:
        if event.what == "baseline":  # one line for all, since no event marks the end
            line = self._text("baselines")
            if line not in self._done:
                self._add(line)
        else:
            self._show(event.detail or self._text(f"preparing_{event.what.replace(' ', '_')}"))

    def _step(self, event: StepFinished) -> None:
        assert self._started is not None
        self._show(
            self._text(
                "step",
                epoch=event.epoch,
                epochs=self._started.epochs,
                share=event.step / self._started.steps_per_epoch,
                loss=event.loss,
                accuracy=event.accuracy,
                speed=event.documents_per_second,
            )
        )

    def _epoch(self, event: EpochFinished) -> None:
        assert self._started is not None
        record = event.record
        self._add(
            self._text(
                "epoch",
                epoch=record.epoch,
                epochs=self._started.epochs,
                loss=record.loss,
                accuracy=record.accuracy,
                val_loss=record.val_loss,
                val_accuracy=record.val_accuracy,
                seconds=event.seconds,
            )
        )

    def _pretraining(self, event: PretrainingStep | PretrainingEpoch) -> None:
        assert self._started is not None
        values = {
            "epoch": event.epoch, "epochs": self._started.epochs, "perplexity": event.perplexity
        }  # fmt: skip
        if isinstance(event, PretrainingEpoch):
            more = {"loss": event.loss, "seconds": event.seconds}
            self._add(self._text("pretraining_epoch", **values, **more))
        else:
            more = {
                "share": event.step / self._started.steps_per_epoch,
                "speed": event.words_per_second,
                "minutes": event.seconds_left / 60,
            }
            self._show(self._text("pretraining_step", **values, **more))

    def _add(self, line: str) -> None:
        self._done.append(line)
        self._show("", now=True)

    def _show(self, under_way: str, now: bool = False) -> None:
        """Replace the shown lines."""
        if not now and time.monotonic() - self._shown < _SECONDS_BETWEEN:
            return
        self._shown = time.monotonic()
        lines = "\n".join([*self._done, under_way] if under_way else self._done)
        style = "margin: 0; white-space: pre-wrap"
        content = {
            "text/plain": lines,
            "text/html": f'<pre style="{style}">{html.escape(lines)}</pre>',
        }
        if self._handle is None:
            from IPython.display import display

            self._handle = display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)

    def _text(self, key: str, **values: Any) -> str:
        return text(f"notebook.{key}", self._lang, **values)
