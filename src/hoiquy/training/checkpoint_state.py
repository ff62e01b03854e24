"""How the state of a training, or of a pretraining, becomes what a checkpoint holds, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from hoiquy.errors import RunError
from hoiquy.nn.kernels import Array

# Groups of arrays, each with a name for every parameter.
PARAMETERS, FIRST, SECOND = "parameters", "adam_first", "adam_second"
_LONGEST_REASON = 150  # characters of what pydantic says


def facts_of(position: Any, history: Sequence[Any]) -> dict[str, Any]:
    """Dataclasses for JSON; floats come back from there bit for bit."""
    return {"position": asdict(position), "history": [asdict(record) for record in history]}


def by_group_and_name(groups: Mapping[str, Mapping[str, Array]]) -> dict[str, Array]:
    """All arrays by `group/parameter`, not copied."""
    return {f"{g}/{name}": array for g, group in groups.items() for name, array in group.items()}


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
