"""The lines that a training prints at a terminal, in one language."""

from collections.abc import Iterator
from typing import Any

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
    PretrainingPlanned,
    PretrainingStarted,
    PretrainingStep,
    Resumed,
    StepFinished,
    TrainingStarted,
    VectorsRead,
    WorkersChanged,
)
from hoiquy.messages import Lang, translated
from hoiquy.messages import text as message
from hoiquy.recipe.layer_tables import EmbeddingLayer, RecurrentLayer
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord

_ROWS = ("reading rows", "reading files", "reading reviews")
_READING = "reading "  # how these details in English begin


def lines_of(
    event: Event, started: TrainingStarted | PretrainingStarted | None, lang: Lang
) -> Iterator[str]:
    """The lines for an event; none for some kinds.

    started: of the training that the event belongs to.
    """
    if isinstance(event, DataRead):
        yield translated(event.description, lang)
    elif isinstance(event, WorkersChanged | VectorsRead):
        yield translated(event.line, lang)
    elif isinstance(event, Planned):
        yield _plan_line(event, lang)
    elif isinstance(event, Resumed):
        for problem in event.damaged:
            yield _text("damaged", lang, problem=translated(problem, lang))
        yield _text("resumed", lang, epoch=event.epoch, step=event.step)
    elif isinstance(event, EpochFinished):
        assert started is not None
        speed = {"speed": event.documents_per_second, "seconds": event.seconds}
        epoch = _epoch(started.recipe, event.record, started.epochs, lang)
        yield f"{epoch}  {_text('speed_and_time', lang, **speed)}"
    elif isinstance(event, EpochElsewhere):
        yield _epoch(event.run, event.record, event.epochs, lang)
    elif isinstance(event, PretrainingPlanned):
        yield _pretraining_plan(event, lang)
    elif isinstance(event, PretrainingEpoch):
        assert started is not None
        line = _text(
            "pretraining_epoch", lang, name=started.recipe, epochs=started.epochs,
            epoch=event.epoch, loss=event.loss, perplexity=event.perplexity,
            speed=event.words_per_second, seconds=event.seconds,
        )  # fmt: skip
        yield line + (_minutes_left(event.seconds_left, lang) if event.seconds_left else "")
    elif isinstance(event, EnsembleStep):
        yield _ensemble_line(event, lang)
    elif isinstance(event, Diagnosed):
        yield f"  ! {event.diagnostic.text(lang)}"


def stage_of(event: Preparing, lang: Lang) -> str:
    """What is prepared."""
    detail = event.detail
    if lang == "en" and detail:
        return detail
    if detail in _ROWS:
        return _text("reading", lang)
    if event.what == "reading" and detail.startswith(_READING):
        return _text("reading_of", lang, name=detail.removeprefix(_READING))
    return translated(detail, lang) or _text(event.what.replace(" ", "_"), lang)


def measures_of(event: StepFinished | PretrainingStep, lang: Lang) -> str:
    """Loss or perplexity, accuracy and speed of the epoch so far, and the time left."""
    if isinstance(event, PretrainingStep):
        line = _text(
            "pretraining_step", lang, perplexity=event.perplexity, speed=event.words_per_second
        )
        return line + _minutes_left(event.seconds_left, lang)
    speed = event.documents_per_second
    return _text("step", lang, loss=event.loss, accuracy=event.accuracy, speed=speed)


def _ensemble_line(event: EnsembleStep, lang: Lang) -> str:
    key = "linear_step" if event.linear_accuracy is None else "ensemble_step"
    key += "_several" if event.multilabel else ""
    line = _text(
        key, lang, model=event.model, accuracy=event.accuracy, documents=event.documents,
        linear=event.linear_accuracy,
    )  # fmt: skip
    if event.seconds_left is None:
        return line
    return line + _minutes_left(event.seconds_left, lang)


def _minutes_left(seconds: float, lang: Lang) -> str:
    return _text("minutes_left", lang, minutes=max(seconds, 0) / 60)


def _epoch(name: str, record: EpochRecord, epochs: int, lang: Lang) -> str:
    return _text(
        "epoch", lang, name=name, epoch=record.epoch, epochs=epochs,
        loss=record.loss, accuracy=record.accuracy,
        val_loss=record.val_loss, val_accuracy=record.val_accuracy,
    )  # fmt: skip


def _units(recipe: Recipe, lang: Lang) -> str:
    layers = recipe.model.layers
    units = [layer.units for layer in layers if isinstance(layer, RecurrentLayer)]
    named = ", ".join(map(str, units))
    first = layers[0]
    if isinstance(first, EmbeddingLayer) and first.units not in units:  # as word vectors have
        return _text("units_on_vectors", lang, units=named, numbers=first.units)
    return _text("units", lang, units=named)


def _plan_line(event: Planned, lang: Lang) -> str:
    recipe = event.recipe
    values: dict[str, Any] = {
        "name": recipe.name,
        "description": translated(recipe.description, lang),
        "units": _units(recipe, lang),
        "tokens": recipe.data.max_length,
        "epochs": recipe.training.epochs,
    }
    if event.seconds is None:
        return _text("planned", lang, **values)
    return _text("planned_in_time", lang, **values, seconds=event.seconds)


def _pretraining_plan(event: PretrainingPlanned, lang: Lang) -> str:
    first, table = event.recipe.model.layers[0], event.recipe.pretraining
    assert isinstance(first, EmbeddingLayer) and table is not None  # as it is planned
    key = "pretraining_planned" if event.passes >= 1 else "pretraining_planned_part"
    return _text(
        key, lang, name=event.recipe.name, cells=", ".join(event.cells),
        embedding=first.units, streams=table.batch_size, epochs=table.epochs,
        words=event.words, passes=event.passes, seconds=event.seconds,
    )  # fmt: skip


def _text(key: str, lang: Lang, **values: Any) -> str:
    return message(f"progress.{key}", lang, **values)
