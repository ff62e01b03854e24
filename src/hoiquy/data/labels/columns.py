"""Several labels a row: a column of 0 and 1 for each label, or one column with all of them.

One column holds them as lists, or as text with a separator. Several columns are named in one text,
with commas between: "toxic,insult". A table of one label a row is read by `labels.py` alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.data.labels.cells import is_written_list, label_key, label_names

SEPARATORS = ("|", ";", ",")
_LONGEST_LABEL = 40  # characters of a label, where cells are looked at for separators
# Quickly found, whatever they are spelled; numbers and booleans of any library are equal to these.
_YES_OR_NO: dict[Any, bool] = {0: False, 1: True, "0": False, "1": True}
_BY_KEY = {"0": False, "1": True, "false": False, "true": True}


def named_columns(label: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that a text names, with commas between; None if one of them is not there.

    A name with commas in it is known, too.
    """
    found = _columns_of(label.split(","), names)
    return None if found is None else tuple(dict.fromkeys(found))


def _columns_of(parts: Sequence[str], names: Sequence[str]) -> list[str] | None:
    for end in range(len(parts), 0, -1):
        name = ",".join(parts[:end])
        known = name if name in names else name.strip()
        if known in names:
            rest = _columns_of(parts[end:], names)
            if rest is not None:
                return [known, *rest]
    return None if parts else []


def unknown_column(label: str, names: Sequence[str]) -> str:
    """The first of the named columns that is not there."""
    return next((part.strip() for part in label.split(",") if part.strip() not in names), label)


def yes_or_no(value: Any) -> bool | None:
    """0 or 1 in a cell; None for no value. Raises ValueError for any other."""
    try:
        if value in _YES_OR_NO:
            return _YES_OR_NO[value]
    except TypeError:  # a list, which is no key
        pass
    keys = [label_key(name) for name in label_names(value)]
    if not keys:
        return None
    if len(keys) > 1 or keys[0] not in _BY_KEY:
        raise ValueError(f"{value!r:.40}, expected 0 or 1,")
    return _BY_KEY[keys[0]]


def holds_yes_or_no(values: Iterable[Any]) -> tuple[bool, bool]:
    """Whether all are 0 or 1, none missing; and whether both are there."""
    found = set()
    for value in values:
        try:
            found.add(yes_or_no(value))
        except ValueError:
            return False, False
    return bool(found) and None not in found, found == {False, True}


@dataclass(frozen=True)
class SeveralLabels:
    """Reads all labels of a row.

    columns: more than one hold 0 and 1, one for each label; a single one holds all labels.
    separator: between labels in a cell; None where cells hold lists.
    """

    columns: tuple[str, ...]
    separator: str | None = None

    def names(
        self, row: Mapping[str, Any], split: Callable[[Any], list[str]] = label_names
    ) -> list[str] | None:
        """The names of the labels, an empty list where it has none; None where that is not known.

        split: `label_names`, or what does the same faster. Raises ValueError, which names the
        column, for a cell that cannot be read.
        """
        if len(self.columns) > 1:
            return self._of_columns(row)
        value = row.get(self.columns[0])
        names = split(value)
        if self.separator is not None and isinstance(value, str) and len(names) < 2:
            pieces = [name for piece in value.split(self.separator) for name in split(piece)]
            return list({label_key(name): name for name in pieces}.values())
        if names or self.separator is not None or _is_list(value):
            return names
        return None

    def _of_columns(self, row: Mapping[str, Any]) -> list[str] | None:
        cells: dict[str, bool | None] = {}
        for column in self.columns:
            try:
                cells[column] = yes_or_no(row.get(column))
            except ValueError as error:
                raise ValueError(f"{error} in {column!r}") from error
        if None not in cells.values():
            return [column for column, has in cells.items() if has]
        if set(cells.values()) == {None}:
            return None
        missing = next(column for column, has in cells.items() if has is None)
        raise ValueError(f"neither 0 nor 1 in {missing!r}")


def holds_lists(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    """Whether the labels of a column are in lists, and some row has several."""
    several = False
    for row in rows:
        value = row.get(column)
        try:
            names = label_names(value)
        except ValueError:
            continue
        if names and not _is_list(value):
            return False
        several = several or len(names) > 1
    return several


def separator_of(names: Sequence[str]) -> tuple[str, str] | None:
    """What may be between several labels in a cell, and a cell with several; None if nothing is.

    names: all cells that differ. The labels must be fewer than the cells, and short.
    """
    for separator in SEPARATORS:
        cells = [name for name in names if separator in name]
        pieces = [piece.strip() for name in names for piece in name.split(separator)]
        short = all(0 < len(piece) <= _LONGEST_LABEL for piece in pieces)
        if len(cells) > 1 and short and len(set(pieces)) < len(names):
            return separator, min(cells, key=lambda name: (len(name), name))
    return None


def _is_list(value: Any) -> bool:
    """Whether a cell holds a list, also one without an item, also one that is written as text."""
    if isinstance(value, str):
        return is_written_list(value)
    return isinstance(value, list | tuple | set | frozenset) or bool(getattr(value, "ndim", 0))
