"""Where a pretraining stands between two steps: everything that decides how it goes on."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter

from hoiquy.errors import RunError
from hoiquy.kernels import Array
from hoiquy.optimizers import Adam
from hoiquy.pretraining.language_model import LanguageModel

_PARAMETERS, _FIRST, _SECOND = "parameters", "adam_first", "adam_second"
_LONGEST_REASON = 150  # characters of what pydantic says

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
        return {
            "position": asdict(self.position),
            "history": [asdict(record) for record in self.history],
        }

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/parameter`, not copied."""
        groups = {
            _PARAMETERS: self.model.parameters,
            _FIRST: self.optimizer.first,
            _SECOND: self.optimizer.second,
        }
        return {
            f"{g}/{name}": array for g, group in groups.items() for name, array in group.items()
        }

    def go_back_to(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take on what `facts` and `arrays` gave. Raises RunError if it is of another model."""
        parameters = self.model.parameters
        try:
            position = _checked(PretrainingPosition, facts["position"])
            history = _checked(list[PretrainingRecord], facts["history"])
            if position.epoch != len(history) + 1 or position.step > position.updates:
                raise ValueError(f"epoch {position.epoch} cannot follow {len(history)} epochs")
            groups = (_PARAMETERS, _FIRST, _SECOND) if position.updates else (_PARAMETERS,)
            if set(arrays) != {f"{group}/{name}" for group in groups for name in parameters}:
                raise ValueError(f"{len(arrays)} arrays for {len(parameters)} parameters")
            for key, array in arrays.items():
                like = parameters[key.partition("/")[2]]
                if (array.shape, array.dtype) != (like.shape, like.dtype):
                    raise ValueError(f"{key} has another shape")
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise RunError(f"the checkpoint does not fit the recipe ({reason})") from error
        for name, parameter in parameters.items():
            parameter[...] = arrays[f"{_PARAMETERS}/{name}"]
            if position.updates:
                self.optimizer.first[name] = np.array(arrays[f"{_FIRST}/{name}"])
                self.optimizer.second[name] = np.array(arrays[f"{_SECOND}/{name}"])
        self.optimizer.step = position.updates
        self.position, self.history = position, history


def _checked(kind: Any, value: Any) -> Any:
    """The value as what JSON holds of such a kind. Raises ValueError."""
    return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
