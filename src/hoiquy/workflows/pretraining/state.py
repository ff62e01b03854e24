"""Where a pretraining stands between two steps: everything that decides how it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Adam
from hoiquy.training.checkpoint_state import (
    FIRST,
    PARAMETERS,
    SECOND,
    by_group,
    by_group_and_name,
    checked,
    facts_of,
    must_fit,
    put_back,
)
from hoiquy.workflows.pretraining.language_model import LanguageModel

_Count = Annotated[int, Field(ge=0)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class PretrainingRecord:
    """A line of `history.jsonl`: the same pretraining gives the same, bit for bit."""

    epoch: int  # from 1
    loss: float  # sampled, a mean over the predicted words of all steps, dropout on
    perplexity: float  # of the documents held out, over all words
    learning_rate: float  # of the epoch's last step


@dataclass
class PretrainingPosition:
    """How far it is; sums are over the epoch under way."""

    epoch: Annotated[int, Field(ge=1)] = 1  # the one under way, or the one after the last
    step: _Count = 0  # steps of it that are done
    updates: _Count = 0  # over all epochs
    loss_sum: _Number = 0.0
    targets: _Count = 0
    words: _Count = 0
    seconds: _Number = 0.0  # of this epoch; no result depends on it


@dataclass
class PretrainingState:
    """Weights, the optimiser's state, the position and the history."""

    model: LanguageModel
    optimizer: Adam
    position: PretrainingPosition = field(default_factory=PretrainingPosition)
    history: list[PretrainingRecord] = field(default_factory=list)

    def finish_epoch(self, record: PretrainingRecord) -> None:
        """Enter an epoch into the history, and stand at the beginning of the next."""
        self.history.append(record)
        epoch, updates = self.position.epoch + 1, self.position.updates
        self.position = PretrainingPosition(epoch=epoch, updates=updates)

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON; floats come back from there bit for bit."""
        return facts_of(self.position, self.history)

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/parameter`, not copied."""
        return by_group_and_name(
            {
                PARAMETERS: self.model.parameters,
                FIRST: self.optimizer.first,
                SECOND: self.optimizer.second,
            }
        )

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take on what `facts` and `arrays` gave. Raises RunError if it is of another model."""
        parameters = self.model.parameters
        with must_fit():
            position = checked(PretrainingPosition, facts["position"])
            history = checked(list[PretrainingRecord], facts["history"])
            if position.epoch != len(history) + 1 or position.step > position.updates:
                raise ValueError(f"epoch {position.epoch} cannot follow {len(history)} epochs")
            groups = by_group(arrays, parameters, updated=position.updates > 0)
        put_back(groups, parameters, self.optimizer, position.updates)
        self.position, self.history = position, history
