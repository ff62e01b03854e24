"""The state of a training or a pretraining, as a checkpoint stores it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, TypeAdapter

from hoiquy.errors import InputError, RunError
from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Optimizer
from hoiquy.nn.optimizers.base import STEP

# Groups of arrays: of the model, of the optimizer, and of the best epoch's model.
PARAMETERS, OPTIMIZER, BEST = "parameters", "optimizer", "best"
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
    optimizer: Optimizer
    position: Any
    history: list[Any]
    best: dict[str, Array]  # weights of the best epoch, where they are kept

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON, which keeps floats bit for bit."""
        history = [asdict(record) for record in self.history]
        return {"position": asdict(self.position), "history": history}

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/name`, not copied; those of the optimizer by `slot/parameter`."""
        of_optimizer = {name: a for name, a in self.optimizer.arrays().items() if name != STEP}
        groups = {PARAMETERS: _saved(self.model), OPTIMIZER: of_optimizer, BEST: self.best}
        return {
            f"{group}/{name}": array for group in groups for name, array in groups[group].items()
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Restore from `facts()` and `arrays()`. Raises RunError if they do not fit the model."""
        saved = _saved(self.model)
        try:
            position, history = (
                TypeAdapter(kind).validate_json(json.dumps(facts[key]), strict=True)
                for kind, key in zip(self.types, ("position", "history"), strict=True)
            )
            position.check(len(history))
            groups = _by_group(arrays, saved)
            of_optimizer = groups[OPTIMIZER] | {STEP: np.array(position.updates)}
            _check_optimizer(groups[OPTIMIZER], _trained(self.model), position.updates > 0)
            self.optimizer.load(of_optimizer)
            if position.updates > 0 and not groups[OPTIMIZER]:
                self._check_no_slots()
        except (InputError, KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise RunError(f"the checkpoint does not fit the recipe ({reason})") from error
        for name, parameter in saved.items():
            parameter[...] = groups[PARAMETERS][name]
        self.position, self.history, self.best = position, history, groups[BEST]

    def _check_no_slots(self) -> None:
        """Raise ValueError unless the optimizer keeps no arrays."""
        if self.optimizer.slot_names:
            raise ValueError(f"it has no {self.optimizer.slot_names[0]} of the optimizer")


def _saved(model: Any) -> dict[str, Array]:
    """The arrays of a model that a checkpoint has: parameters, and what is kept beside them."""
    arrays: dict[str, Array] = model.arrays if hasattr(model, "arrays") else model.parameters
    return arrays


def _trained(model: Any) -> dict[str, Array]:
    trained: dict[str, Array] = getattr(model, "trained_parameters", model.parameters)
    return trained


def _by_group(
    arrays: Mapping[str, Array], saved: Mapping[str, Array]
) -> dict[str, dict[str, Array]]:
    """Copies of `TrainState.arrays`, by group and name.

    Raises KeyError or ValueError if arrays are missing or do not fit the model's.
    """
    groups: dict[str, dict[str, Array]] = {PARAMETERS: {}, OPTIMIZER: {}, BEST: {}}
    for key, array in arrays.items():
        group, _, name = key.partition("/")
        groups[group][name] = np.array(array)
        if group != OPTIMIZER:
            _check_fits(key, array, saved[name])
    for group in (PARAMETERS, BEST):
        found = groups[group]
        if found.keys() != saved.keys() and (found or group == PARAMETERS):
            raise ValueError(f"{group} has {len(found)} arrays for {len(saved)} of the model")
    return groups


def _check_optimizer(
    arrays: Mapping[str, Array], trained: Mapping[str, Array], updated: bool
) -> None:
    """Raise KeyError or ValueError unless each slot has an array for each trained parameter."""
    slots: dict[str, set[str]] = {}
    for key, array in arrays.items():
        slot, _, name = key.partition("/")
        slots.setdefault(slot, set()).add(name)
        _check_fits(key, array, trained[name])
    for slot, names in slots.items():
        if updated and names != trained.keys():
            raise ValueError(f"{slot} has {len(names)} arrays for {len(trained)} parameters")


def _check_fits(key: str, array: Array, own: Array) -> None:
    if (own.shape, own.dtype) != (array.shape, array.dtype):
        raise ValueError(f"{key} has another shape")
