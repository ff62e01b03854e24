"""The arguments of a call, apart from the tensors among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.tensors import KerasTensor


@dataclass(frozen=True)
class Slot:
    """Where a call had its tensor of this number."""

    index: int


class Arguments(NamedTuple):
    """How a call was written: its arguments, with slots for tensors of the model."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def take_apart(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], Arguments]:
    """The symbolic tensors of a call, each once for every place, and the rest."""
    tensors: list[Any] = []

    def slot(item: Any) -> Any:
        if isinstance(item, KerasTensor):
            tensors.append(item)
            return Slot(len(tensors) - 1)
        return item

    placed = tuple(mapped(slot, item) for item in args)
    named = {name: mapped(slot, item) for name, item in kwargs.items()}
    return tensors, Arguments(placed, named)


def put_together(arguments: Arguments, tensors: Sequence[Any]) -> Arguments:
    """The arguments with these in the slots."""

    def filled(item: Any) -> Any:
        return tensors[item.index] if isinstance(item, Slot) else item

    return Arguments(
        tuple(mapped(filled, item) for item in arguments.args),
        {name: mapped(filled, item) for name, item in arguments.kwargs.items()},
    )


def mapped(function: Callable[[Any], Any], item: Any) -> Any:
    """Lists, tuples and dictionaries with function(leaf) for every leaf."""
    if isinstance(item, Slot):
        return function(item)
    if type(item) in (list, tuple):
        return type(item)(mapped(function, part) for part in item)
    if isinstance(item, dict):
        return {key: mapped(function, part) for key, part in item.items()}
    return function(item)


def same(one: Arguments, other: Arguments) -> bool:
    """Whether two calls are written alike."""
    return _same(one.args, other.args) and _same(one.kwargs, other.kwargs)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other))
    if type(one) in (list, tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one is other or one == other)


def first_of(arguments: Arguments, owner: str) -> Any:
    """The inputs of a layer: its first argument."""
    if arguments.args:
        return arguments.args[0]
    if arguments.kwargs:
        return next(iter(arguments.kwargs.values()))
    raise KerasTypeError(f"{owner} was called without inputs")
