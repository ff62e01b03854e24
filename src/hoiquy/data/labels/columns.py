"""Several labels a row: a binary column for each label, or one column with all labels.

A single column holds lists, or texts with a separator. Several columns are named in one string,
separated by commas: "toxic,insult".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.data.labels.cells import is_written_list, label_key, label_names

SEPARATORS = ("|", ";", ",")
_LONGEST_LABEL = 40  # characters of a label, when detecting separators
# Fast path: numbers and booleans of any library are equal to these keys.
_BINARY: dict[Any, bool] = {0: False, 1: True, "0": False, "1": True}
_BY_KEY = {"0": False, "1": True, "false": False, "true": True}


def named_columns(label: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the columns that `label` names, separated by commas; None if one does not exist.

    Column names may contain commas.
    """
    columns = _match_columns(label.split(","), names)
    return None if columns is None else tuple(dict.fromkeys(columns))


def _match_columns(parts: Sequence[str], names: Sequence[str]) -> list[str] | None:
    for end in range(len(parts), 0, -1):
        name = ",".join(parts[:end])
        known = name if name in names else name.strip()
        if known in names:
            rest = _match_columns(parts[end:], names)
            if rest is not None:
                return [known, *rest]
    return None if parts else []


def first_unknown_column(label: str, names: Sequence[str]) -> str:
    """Return the first of the named columns that does not exist."""
    return next((part.strip() for part in label.split(",") if part.strip() not in names), label)


def parse_binary(value: Any) -> bool | None:
    """Read 0 or 1 from a cell; None for no value. Raises ValueError for other values."""
    try:
        if value in _BINARY:
            return _BINARY[value]
    except TypeError:  # a list is not hashable
        pass
    keys = [label_key(name) for name in label_names(value)]
    if not keys:
        return None
    if len(keys) > 1 or keys[0] not in _BY_KEY:
        raise ValueError(f"{value!r:.40}, expected 0 or 1,")
    return _BY_KEY[keys[0]]


def holds_binary(values: Iterable[Any]) -> tuple[bool, bool]:
    """Return whether all values are 0 or 1, none missing; and whether both occur."""
    found = set()
    for value in values:
        try:
            found.add(parse_binary(value))
        except ValueError:
            return False, False
    return bool(found) and None not in found, found == {False, True}


@dataclass(frozen=True)
class MultiLabelColumns:
    """Reads all labels of a row.

    columns: several binary columns, one for each label, or a single column with all labels.
    separator: between the labels in a cell; None if cells hold lists.
    """

    columns: tuple[str, ...]
    separator: str | None = None

    def names(
        self, row: Mapping[str, Any], split: Callable[[Any], list[str]] = label_names
    ) -> list[str] | None:
        """Return the names of the labels, perhaps none; None if they are missing.

        split: `label_names` or a cached version. Raises ValueError for an invalid cell.
        """
        if len(self.columns) > 1:
            return self._binary_names(row)
        value = row.get(self.columns[0])
        names = split(value)
        if self.separator is not None and isinstance(value, str) and len(names) < 2:
            pieces = [name for piece in value.split(self.separator) for name in split(piece)]
            return list({label_key(name): name for name in pieces}.values())
        if names or self.separator is not None or _is_list(value):
            return names
        return None

    def _binary_names(self, row: Mapping[str, Any]) -> list[str] | None:
        cells: dict[str, bool | None] = {}
        for column in self.columns:
            try:
                cells[column] = parse_binary(row.get(column))
            except ValueError as error:
                raise ValueError(f"{error} in {column!r}") from error
        if None not in cells.values():
            return [column for column, value in cells.items() if value]
        if set(cells.values()) == {None}:
            return None
        missing = next(column for column, value in cells.items() if value is None)
        raise ValueError(f"neither 0 nor 1 in {missing!r}")


def holds_lists(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    """Whether a column holds lists of labels, some with several."""
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


def detect_separator(names: Sequence[str]) -> tuple[str, str] | None:
    """Detect a separator between labels in cells; return it with an example cell, or None.

    names: the distinct cells. The labels must be short, and fewer than the cells.
    """
    for separator in SEPARATORS:
        cells = [name for name in names if separator in name]
        pieces = [piece.strip() for name in names for piece in name.split(separator)]
        short = all(0 < len(piece) <= _LONGEST_LABEL for piece in pieces)
        if len(cells) > 1 and short and len(set(pieces)) < len(names):
            return separator, min(cells, key=lambda name: (len(name), name))
    return None


def _is_list(value: Any) -> bool:
    """Whether a cell holds a list, perhaps an empty or written one."""
    if isinstance(value, str):
        return is_written_list(value)
    return isinstance(value, list | tuple | set | frozenset) or bool(getattr(value, "ndim", 0))
