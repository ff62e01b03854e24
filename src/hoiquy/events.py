"""The events of a training, for listeners that display or record them."""

import math
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
    """A slow stage before training."""

    what: Literal[
        "reading",
        "vocabulary",
        "encoding",
        "storing",
        "vectors",
        "kernels",
        "plain kernels",
        "baseline",
        "linear",
        "workers",
        "predicting",
    ]
    detail: str = ""  # what is being read
    done: int = 0
    total: int | None = None


@dataclass(frozen=True)
class DataRead:
    """A data set was read; `description` reports the detected columns."""

    description: str


@dataclass(frozen=True)
class Planned:
    """A recipe was fitted to the data and, if `seconds` are given, to a time budget."""

    recipe: Recipe
    seconds: float | None = None  # expected training time


@dataclass(frozen=True)
class VectorsRead:
    """Pretrained word vectors were opened, or read; `line` is for people."""

    line: str


@dataclass(frozen=True)
class Resumed:
    """A training resumes from a checkpoint, after `step` steps of an epoch."""

    epoch: int
    step: int
    damaged: tuple[str, ...] = ()  # errors of newer checkpoints


@dataclass(frozen=True)
class RunOpened:
    """A training is about to start or resume in a run folder."""

    folder: Path
    recipe: Recipe
    history: tuple[EpochRecord, ...]  # finished epochs
    resumed: bool  # earlier events of this run stay valid


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
    """The run in the folder is complete and scored on the test documents."""

    folder: Path


@dataclass(frozen=True)
class Diagnosed:
    """The training doctor has a diagnostic, before the first epoch or after one."""

    diagnostic: Diagnostic


@dataclass(frozen=True)
class PretrainingPlanned:
    """A pretraining was fitted to its minutes."""

    recipe: Recipe
    cells: tuple[str, ...]  # the language model's recurrent layers, such as LSTM 512
    words: int  # of a pass over the texts
    passes: float
    seconds: float  # expected, from now on


@dataclass(frozen=True)
class PretrainingStarted:
    """A pretraining is about to start or resume."""

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
    seconds_left: float  # to the end of the last epoch

    @property
    def perplexity(self) -> float:
        """Of the words of the epoch so far, among candidates and with dropout."""
        return math.exp(min(self.loss, 700.0))


@dataclass(frozen=True)
class PretrainingEpoch:
    """After each epoch; the perplexity is that of the held-out documents, over all words."""

    epoch: int
    loss: float
    perplexity: float
    seconds: float
    words_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class EpochElsewhere:
    """Another process has finished an epoch of `run`, of `epochs`."""

    run: str
    record: EpochRecord
    epochs: int


@dataclass(frozen=True)
class UnderWay:
    """The work of other processes, such as "bai3-seed1 2/3", and how much of it is done."""

    what: tuple[str, ...]
    done: int
    total: int


@dataclass(frozen=True)
class EnsembleStep:
    """A model of an ensemble is finished, and the ensemble weighed anew."""

    model: str
    accuracy: float  # of the ensemble so far, on the documents that no member was trained on
    documents: int  # of these, fewer while a member has not been trained on every fold
    linear_accuracy: float | None  # of the linear classifier alone on them; None if it is the model
    seconds_left: float | None  # of the time budget
    multilabel: bool = False  # both accuracies are then subset accuracies


Event = (
    Preparing
    | DataRead
    | Planned
    | VectorsRead
    | Resumed
    | RunOpened
    | TrainingStarted
    | WorkersChanged
    | StepFinished
    | EpochFinished
    | RunCompleted
    | Diagnosed
    | PretrainingPlanned
    | PretrainingStarted
    | PretrainingStep
    | PretrainingEpoch
    | EpochElsewhere
    | UnderWay
    | EnsembleStep
)
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that does nothing."""


def reading(on_event: Listener) -> Progress:
    """A progress callback for reading a data set, which sends events."""
    return lambda what, done, total: on_event(Preparing("reading", what, done, total))
