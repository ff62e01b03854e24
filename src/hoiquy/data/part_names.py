"""Names of parts: train, validation, test and their synonyms."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

PartName = Literal["train", "validation", "test"]

# Preferred names first, for data sets with several names for a part.
_NAMES: dict[PartName, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development", "validate"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_PARTS = {name: part for part, names in _NAMES.items() for name in names}
UNLABELLED = frozenset({"unsupervised", "unsup", "unlabelled", "unlabeled"})


class Parts(NamedTuple):
    """The chosen name of each part, and the names left out."""

    chosen: dict[PartName, str]
    left_out: list[str]


def part_of(name: Any) -> PartName | None:
    """The part that a split, folder or value names; None for other names."""
    return _PARTS.get(str(name).strip().lower())


def chosen_parts(names: Iterable[str]) -> Parts:
    """Choose one name for each part; of several, such as val and dev, the preferred one."""
    names = list(names)
    chosen: dict[PartName, str] = {}
    for part, usual in _NAMES.items():
        fitting = [name for name in names if part_of(name) == part]
        if fitting:
            chosen[part] = min(fitting, key=lambda name: (usual.index(name.strip().lower()), name))
    return Parts(chosen, [name for name in names if name not in chosen.values()])
