"""Detects the text and the label column of a table, and its split columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from hoiquy.data.labels.cells import label_names
from hoiquy.data.labels.columns import first_unknown_column, holds_binary, named_columns
from hoiquy.data.part_names import UNLABELLED, part_of
from hoiquy.data.tables.column_names import (
    LABEL_NAMES,
    LIKELY_LABEL_NAMES,
    PREFERRED_LABEL_NAMES,
    SPLIT_NAMES,
    TEXT_NAMES,
    is_never_label,
    plain_name,
)
from hoiquy.errors import DataError

MAX_CLASSES = 1000
_DELIMITERS = (
    "; supported delimiters are comma, semicolon, tab and |, and a first line such as sep=^ sets "
    "another"
)


class Columns(NamedTuple):
    """The names of the text and the label column.

    label: of several label columns, all names separated by commas, see `named_columns`.
    """

    text: str
    label: str


class NoColumnsError(DataError):
    """No column fits as text, or none as label."""


class SeveralColumnsError(DataError):
    """Several columns fit as label: the user must choose."""


def choose_columns(
    rows: Sequence[Mapping[str, Any]],
    text: str | None,
    label: str | None,
    source: str,
    before: Columns | None = None,
) -> Columns:
    """Choose the columns: as the user says, as in `before`, by name, or by content.

    By content, the text is the column with the longest mostly distinct strings. The label is the
    only column with at least two repeated values, or of several the one with a likely name; splits,
    dates, languages and the like are never labels. If there is none, two or more binary columns are
    the labels, several a row.

    Args:
        rows: The first rows of the table, at least one.
        text: Name of the text column; None to choose it.
        label: Name of the label column, or of several; None to choose it.
        source: Name of the table in errors.
        before: The columns of the training table, used if this table has them.

    Raises:
        DataError: A named column does not exist.
        NoColumnsError: No column fits.
        SeveralColumnsError: Several columns fit as the label.
    """
    names = _names(rows)
    _check_known(names, text, "--text", source)
    if label is not None and named_columns(label, names) is None:
        _check_known(names, first_unknown_column(label, names), "--label", source)
    if before is not None:
        text = text or (before.text if before.text in names and before.text != label else None)
        known = named_columns(before.label, names)
        label = label or (before.label if known and text not in known else None)
    label = label or _label_by_name(rows, names, text, source)
    label_columns = named_columns(label, names) if label else ()
    free = [name for name in names if name not in (label_columns or ())]
    text = text or _first_named(free, TEXT_NAMES) or _longest(rows, free)
    label = label or _binary_columns(rows, names, text) or _repeated(rows, names, text, source)
    if text is None or label is None or text in (named_columns(label, names) or ()):
        if len(names) == 1:
            csv = source.lower().endswith((".csv", ".csv.gz"))
            raise NoColumnsError(
                f"{source}: expected a text and a label column, but its only column is "
                f"{printable(names[0])!r:.80}{_DELIMITERS if csv else ''}"
            )
        missing = "--label" if label is None and text is not None else "--text and --label"
        raise NoColumnsError(
            f"{source}: cannot detect the text and the label column: name them with {missing}; "
            f"{_column_list(names)}"
        )
    return Columns(text, label)


def choose_text_column(rows: Sequence[Mapping[str, Any]], text: str | None, source: str) -> str:
    """Choose the text column of a table without labels: by name, else the longest strings.

    rows: the first rows of the table, at least one. Raises DataError if no column holds text.
    """
    names = _names(rows)
    _check_known(names, text, "--text", source)
    chosen = text or _first_named(names, TEXT_NAMES) or _longest(rows, names)
    if chosen is None:
        raise DataError(f"{source}: no column holds text; {_column_list(names)}")
    return chosen


def split_columns(rows: Sequence[Mapping[str, Any]], columns: Columns) -> list[str]:
    """Return other columns with the name of a split column, or with names of splits only."""
    return [
        name
        for name in _names(rows)
        if name not in columns and (plain_name(name) in SPLIT_NAMES or holds_splits(rows, name))
    ]


def holds_splits(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether all values of a column name parts of a data set.

    "train" must be among them, unless the column has the name of a split column.
    """
    parts = set()
    for value in _values(rows, name):
        part = part_of(value)
        if part is None and value.lower() not in UNLABELLED:
            return False
        parts.add(part)
    return "train" in parts or (bool(parts) and plain_name(name) in SPLIT_NAMES)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """All columns in order of appearance; JSON rows may have different ones."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _check_known(names: Sequence[str], name: str | None, option: str, source: str) -> None:
    if name is not None and name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DataError(
            f"{source} has no column {name!r} for {option}; {_column_list(names)}{hint}"
        )


def _column_list(names: Iterable[str]) -> str:
    return f"its columns are {', '.join(printable(name) for name in names)}"


def printable(name: str) -> str:
    """Return a column name with lone surrogates replaced by "?"."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _first_named(names: Sequence[str], known: Sequence[str]) -> str | None:
    by_plain = {plain_name(name): name for name in reversed(names)}
    return next((by_plain[name] for name in known if name in by_plain), None)


def _label_by_name(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None, source: str
) -> str | None:
    free = [name for name in names if name != text and not holds_splits(rows, name)]
    preferred = _first_named(free, PREFERRED_LABEL_NAMES)
    candidates = [name for name in free if plain_name(name) in LABEL_NAMES]
    if preferred is None and len(candidates) > 1:
        raise _ambiguous(candidates, source)
    return preferred or next(iter(candidates), None)


def _longest(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str | None:
    """The column with the longest strings, mostly distinct ones if possible."""

    def length(name: str) -> int:
        return sum(len(row[name]) for row in rows if isinstance(row.get(name), str))

    def mostly_distinct(name: str) -> bool:
        return 2 * len({str(row.get(name)) for row in rows}) > len(rows)

    strings = [name for name in names if length(name) > 0]
    # Texts may be short words, such as names, next to a label of long ones.
    return max(strings, key=lambda name: (mostly_distinct(name), length(name)), default=None)


def _repeated(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None, source: str
) -> str | None:
    """The only column with at least two repeated values, or the likely one; None without one."""
    limit = min(MAX_CLASSES, max(len(rows) // 2, 2))
    candidates = [
        name
        for name in names
        if name != text
        and not is_never_label(name)
        and not holds_splits(rows, name)
        and 2 <= len(set(_values(rows, name))) <= limit
    ]
    if len(candidates) > 1:
        likely = [name for name in candidates if plain_name(name) in LIKELY_LABEL_NAMES]
        if len(likely) != 1:
            raise _ambiguous(candidates, source)
        return likely[0]
    return next(iter(candidates), None)


def _binary_columns(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], text: str | None
) -> str | None:
    """The binary columns, if there are at least two and no other column fits as label."""
    limit = min(MAX_CLASSES, max(len(rows) // 2, 2))
    binary, with_both = [], 0
    for name in names:
        if name == text or is_never_label(name) or holds_splits(rows, name):
            continue
        is_binary, has_both = holds_binary(row.get(name) for row in rows)
        if is_binary:
            binary.append(name)
            with_both += has_both
        elif 2 <= len(set(_values(rows, name))) <= limit:
            return None
    return ",".join(binary) if with_both > 1 else None


def _ambiguous(candidates: Sequence[str], source: str) -> SeveralColumnsError:
    return SeveralColumnsError(
        f"{source}: several columns may hold the label, {', '.join(map(printable, candidates))}: "
        f"choose one with --label"
    )


def _values(rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[str]:
    """The label names of a column, joined where a row has several; missing ones are skipped."""
    for row in rows:
        try:
            value = ", ".join(label_names(row.get(name)))
        except ValueError:
            value = "{}"
        if value:
            yield value
