"""The parts of a data set by the names that people give to splits, folders and values."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

PartName = Literal["train", "validation", "test"]

# In the order in which they are preferred where a data set has several.
_NAMES: dict[PartName, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development", "validate"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_PARTS = {name: part for part, names in _NAMES.items() for name in names}
UNLABELLED = frozenset({"unsupervised", "unsup", "unlabelled", "unlabeled"})


class Parts(NamedTuple):
    """Which names mean which part, and which are left out."""

    chosen: dict[PartName, str]
    left_out: list[str]


def part_of(name: Any) -> PartName | None:
    """The part that a split, a folder or a value is called after; None for any other name."""
    return _PARTS.get(str(name).strip().lower())


def chosen_parts(names: Iterable[str]) -> Parts:
    """One name for each part. Of several for one part, such as val and dev, the usual one."""
    names = list(names)
    chosen: dict[PartName, str] = {}
    for part, usual in _NAMES.items():
        fitting = [name for name in names if part_of(name) == part]
        if fitting:
            chosen[part] = min(fitting, key=lambda name: (usual.index(name.strip().lower()), name))
    return Parts(chosen, [name for name in names if name not in chosen.values()])
