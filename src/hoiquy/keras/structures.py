"""Inputs and outputs as scripts group them: one, a list or a dictionary by name."""

from collections.abc import Callable, Sequence
from typing import Any


def flatten(structure: Any) -> list[Any]:
    """The leaves of lists, tuples and dictionaries; of dictionaries by sorted key, as Keras."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for each in structure for leaf in flatten(each)]
    return [structure]


def pack(structure: Any, leaves: Sequence[Any]) -> Any:
    """The structure with other leaves, in the order of `flatten`."""
    remaining = iter(leaves)

    def build(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: build(part[key]) for key in sorted(part)}
        if isinstance(part, list | tuple):
            return [build(each) for each in part]
        return next(remaining)

    return build(structure)


def map_leaves(function: Callable[[Any], Any], structure: Any) -> Any:
    """The structure with function(leaf) for every leaf."""
    return pack(structure, [function(leaf) for leaf in flatten(structure)])
