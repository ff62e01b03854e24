"""How the state of a training, or of a pretraining, becomes what a checkpoint holds, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from hoiquy.errors import RunError
from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers import Adam

# Groups of arrays, each with a name for every parameter; of the best epoch, where it is kept.
PARAMETERS, FIRST, SECOND, BEST = "parameters", "adam_first", "adam_second", "best"
_LONGEST_REASON = 150  # characters of what pydantic says


def facts_of(position: Any, history: Sequence[Any]) -> dict[str, Any]:
    """Dataclasses for JSON; floats come back from there bit for bit."""
    return {"position": asdict(position), "history": [asdict(record) for record in history]}


def by_group_and_name(groups: Mapping[str, Mapping[str, Array]]) -> dict[str, Array]:
    """All arrays by `group/parameter`, not copied."""
    return {f"{g}/{name}": array for g, group in groups.items() for name, array in group.items()}


def by_group(
    arrays: Mapping[str, Array], parameters: Mapping[str, Array], updated: bool
) -> dict[str, dict[str, Array]]:
    """Copies of what `by_group_and_name` gave, by group and then by parameter.

    parameters: of the model that they are for. updated: whether its optimiser has made a step.
    Raises KeyError or ValueError if they are of another model, or not complete.
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


def put_back(
    groups: Mapping[str, dict[str, Array]],
    parameters: Mapping[str, Array],
    optimizer: Adam,
    updates: int,
) -> None:
    """Give a model and its optimiser, after so many updates, what `by_group` gave."""
    for name, parameter in parameters.items():
        parameter[...] = groups[PARAMETERS][name]
    optimizer.first, optimizer.second = groups[FIRST], groups[SECOND]
    optimizer.step = updates


def checked(kind: Any, value: Any) -> Any:
    """The value as what JSON holds of such a kind. Raises ValueError."""
    return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)


@contextmanager
def must_fit() -> Iterator[None]:
    """Turn what is raised for a checkpoint of another recipe, or a damaged one, into RunError."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise RunError(f"the checkpoint does not fit the recipe ({reason})") from error
