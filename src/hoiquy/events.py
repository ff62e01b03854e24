"""What a training tells while it runs. It never prints: who listens decides how to show it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hoiquy.data.dataset import Progress
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.history import EpochRecord


@dataclass(frozen=True)
class Preparing:
    """Something that takes a while before training."""

    what: Literal[
        "reading",
        "vocabulary",
        "encoding",
        "storing",
        "kernels",
        "plain kernels",
        "baseline",
        "workers",
    ]
    detail: str = ""  # what is being read
    done: int = 0
    total: int | None = None


@dataclass(frozen=True)
class DataRead:
    """A data set was read whose columns had to be chosen; `description` is a line for people."""

    description: str


@dataclass(frozen=True)
class Planned:
    """A recipe was fitted to the data, and to the time where `seconds` are given."""

    recipe: Recipe
    seconds: float | None = None  # that training is expected to take


@dataclass(frozen=True)
class Resumed:
    """A training goes on from a checkpoint, `step` steps into an epoch."""

    epoch: int
    step: int
    damaged: tuple[str, ...] = ()  # what was wrong with newer checkpoints


@dataclass(frozen=True)
class RunOpened:
    """A training is about to begin in a run folder, or to go on there."""

    folder: Path
    recipe: Recipe
    history: tuple[EpochRecord, ...]  # the epochs that are done
    resumed: bool  # it began before, and nothing that was told of it becomes untrue


@dataclass(frozen=True)
class TrainingStarted:
    recipe: str
    epochs: int
    steps_per_epoch: int
    documents: int


@dataclass(frozen=True)
class WorkersChanged:
    """Workers of a training on Ray have failed, or not started; `line` is for people."""

    line: str


@dataclass(frozen=True)
class StepFinished:
    """After each batch; loss and accuracy are means over the epoch so far."""

    epoch: int
    step: int
    loss: float
    accuracy: float
    documents_per_second: float


@dataclass(frozen=True)
class EpochFinished:
    record: EpochRecord
    seconds: float  # training and validation together
    documents_per_second: float  # training documents over training time


@dataclass(frozen=True)
class RunCompleted:
    """The folder holds a complete run now, scored on the test documents."""

    folder: Path


@dataclass(frozen=True)
class Diagnosed:
    """The training doctor has found something, before the first epoch or after one."""

    diagnostic: Diagnostic


@dataclass(frozen=True)
class PretrainingStarted:
    """A language model is about to learn from `documents`, or to go on."""

    recipe: str
    epochs: int
    steps_per_epoch: int
    documents: int


@dataclass(frozen=True)
class PretrainingStep:
    """After each batch; the loss of a predicted word is a mean over the epoch so far."""

    epoch: int
    step: int
    loss: float
    words_per_second: float


@dataclass(frozen=True)
class PretrainingEpoch:
    """After each epoch; the perplexity is that of the documents held out, over all words."""

    epoch: int
    loss: float
    perplexity: float
    seconds: float
    words_per_second: float


@dataclass(frozen=True)
class EpochElsewhere:
    """Another process has finished an epoch of `run`, out of so many."""

    run: str
    record: EpochRecord
    epochs: int


@dataclass(frozen=True)
class UnderWay:
    """What other processes do at once, such as "bai3-seed1 2/3"; done: of everything, in parts."""

    what: tuple[str, ...]
    done: int
    total: int


Event = (
    Preparing
    | DataRead
    | Planned
    | Resumed
    | RunOpened
    | TrainingStarted
    | WorkersChanged
    | StepFinished
    | EpochFinished
    | RunCompleted
    | Diagnosed
    | PretrainingStarted
    | PretrainingStep
    | PretrainingEpoch
    | EpochElsewhere
    | UnderWay
)
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that listens to nothing."""


def reading(on_event: Listener) -> Progress:
    """Progress of reading a data set, told as events."""
    return lambda what, done, total: on_event(Preparing("reading", what, done, total))
