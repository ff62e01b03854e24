"""The state of a training or a pretraining, as a checkpoint stores it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, TypeAdapter

from hoiquy.errors import RunError
from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Adam

# Groups of arrays, each with an array for every parameter.
PARAMETERS, FIRST, SECOND, BEST = "parameters", "adam_first", "adam_second", "best"
_LONGEST_REASON = 150  # characters of pydantic's message

Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass
class Progress:
    """How far a training is; sums are over the current epoch."""

    epoch: Annotated[int, Field(ge=1)] = 1  # the current one, or the one after the last
    step: Count = 0  # finished steps of the current epoch
    updates: Count = 0  # of the optimizer, over all epochs
    loss_sum: Number = 0.0

    def check(self, epochs: int) -> None:
        """Raise ValueError unless this can follow a history of so many epochs."""
        if self.epoch != epochs + 1:
            raise ValueError(f"epoch {self.epoch} cannot follow {epochs} epochs")
        if self.step > self.updates:
            raise ValueError(f"step {self.step} with {self.updates} updates")


class TrainState:
    """Weights, optimizer, progress and history between two steps of a training."""

    types: ClassVar[tuple[Any, Any]]  # of position and history
    model: Any
    optimizer: Adam
    position: Any
    history: list[Any]
    best: dict[str, Array]  # weights of the best epoch, where they are kept

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON, which keeps floats bit for bit."""
        history = [asdict(record) for record in self.history]
        return {"position": asdict(self.position), "history": history}

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/parameter`, not copied."""
        groups = {
            PARAMETERS: self.model.parameters,
            FIRST: self.optimizer.first,
            SECOND: self.optimizer.second,
            BEST: self.best,
        }
        return {
            f"{group}/{name}": array for group in groups for name, array in groups[group].items()
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Restore from `facts()` and `arrays()`. Raises RunError if they do not fit the model."""
        parameters = self.model.parameters
        try:
            position, history = (
                TypeAdapter(kind).validate_json(json.dumps(facts[key]), strict=True)
                for kind, key in zip(self.types, ("position", "history"), strict=True)
            )
            position.check(len(history))
            groups = _by_group(arrays, parameters, updated=position.updates > 0)
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise RunError(f"the checkpoint does not fit the recipe ({reason})") from error
        for name, parameter in parameters.items():
            parameter[...] = groups[PARAMETERS][name]
        self.optimizer.first, self.optimizer.second = groups[FIRST], groups[SECOND]
        self.optimizer.step = position.updates
        self.position, self.history, self.best = position, history, groups[BEST]


def _by_group(
    arrays: Mapping[str, Array], parameters: Mapping[str, Array], updated: bool
) -> dict[str, dict[str, Array]]:
    """Copies of `TrainState.arrays`, by group and parameter.

    updated: whether the optimizer has made a step, so that it has moments. Raises KeyError or
    ValueError if arrays are missing or do not fit the parameters.
    """
    groups: dict[str, dict[str, Array]] = {PARAMETERS: {}, FIRST: {}, SECOND: {}, BEST: {}}
    for key, array in arrays.items():
        group, _, name = key.partition("/")
        groups[group][name] = np.array(array)
        if (parameters[name].shape, parameters[name].dtype) != (array.shape, array.dtype):
            raise ValueError(f"{key} has another shape")
    for group, found in groups.items():
        needed = group == PARAMETERS or (updated and group != BEST)
        if found.keys() != parameters.keys() and (needed or found):
            raise ValueError(f"{group} has {len(found)} arrays for {len(parameters)} parameters")
    return groups
