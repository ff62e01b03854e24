"""The state of a pretraining between two steps."""

from dataclasses import dataclass, field
from typing import ClassVar

from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Adam
from hoiquy.training.checkpoint_state import Count, Number, Progress, TrainState
from hoiquy.workflows.pretraining.language_model import LanguageModel


@dataclass(frozen=True)
class PretrainingRecord:
    """A line of `history.jsonl`; equal pretrainings give equal bits."""

    epoch: int  # from 1
    loss: float  # among candidates, a mean over the predicted words of its steps, dropout on
    perplexity: float  # of the held-out documents, over all words
    learning_rate: float  # of the epoch's last step


@dataclass
class PretrainingPosition(Progress):
    """Progress of a pretraining."""

    targets: Count = 0
    words: Count = 0
    seconds: Number = 0.0  # of this epoch; no result depends on it

    @property
    def mean_loss(self) -> float:
        """Of a predicted word in this epoch."""
        return self.loss_sum / max(self.targets, 1)

    @property
    def words_per_second(self) -> float:
        """That were read in this epoch."""
        return self.words / max(self.seconds, 1e-9)


@dataclass
class PretrainingState(TrainState):
    """Weights, optimizer, position and history."""

    types: ClassVar = (PretrainingPosition, list[PretrainingRecord])
    model: LanguageModel
    optimizer: Adam
    position: PretrainingPosition = field(default_factory=PretrainingPosition)
    history: list[PretrainingRecord] = field(default_factory=list)
    best: dict[str, Array] = field(default_factory=dict)  # always empty

    def finish_epoch(self, record: PretrainingRecord) -> None:
        """Append an epoch to the history and start the next one."""
        self.history.append(record)
        epoch, updates = self.position.epoch + 1, self.position.updates
        self.position = PretrainingPosition(epoch=epoch, updates=updates)
