"""From the rows of a table to labelled documents: which columns, which classes, which rows fail."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.data.columns import MOST_CLASSES, choose_columns
from hoiquy.data.dataset import Documents
from hoiquy.data.file_options import FileOptions
from hoiquy.data.rows import BadRow, Row, looked_ahead
from hoiquy.data.stored_texts import TextStore
from hoiquy.errors import DataError

_SHOWN = 3  # bad rows in an error


@dataclass(frozen=True)
class TableOptions:
    """What a user may say about a table; None is found out.

    skip_bad_rows: go on without the rows that cannot be used, instead of an error. header, quoting:
    as of `FileOptions`.
    """

    text: str | None = None
    label: str | None = None
    encoding: str | None = None
    skip_bad_rows: bool = False
    header: str | None = None
    quoting: str | None = None

    @property
    def file(self) -> FileOptions:
        """How the file becomes rows. Raises InputError for a value that is none of those."""
        return FileOptions(self.encoding, self.header, self.quoting)


AS_FOUND = TableOptions()


class LabelledRows:
    """Texts and labels of a table in its order, and how many of its rows are bad."""

    def __init__(self, text_column: str, label_column: str) -> None:
        self.text_column, self.label_column = text_column, label_column
        self.bad = 0
        self.first_bad: list[BadRow] = []
        self._texts = TextStore()
        self._numbers: dict[str, int] = {}  # of the labels, as they come
        self._labels = array("i")

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def different_labels(self) -> int:
        return len(self._numbers)

    def add(self, text: str, label: str) -> None:
        """Keep a row. Raises WriteError where there is no room for it, see `Spool`."""
        self._texts.append(text)
        self._labels.append(self._numbers.setdefault(label, len(self._numbers)))

    def add_bad(self, row: BadRow) -> None:
        """Count a row that cannot be used."""
        self.bad += 1
        if len(self.first_bad) < _SHOWN:
            self.first_bad.append(row)

    def classes(self) -> tuple[str, ...]:
        """The different labels: numbers by size, else by the alphabet."""
        return tuple(sorted(self._numbers, key=_class_order))

    def documents(self, classes: tuple[str, ...], source: str) -> Documents:
        """The documents with labels as numbers of `classes`. Raises DataError for another label."""
        number = {name: at for at, name in enumerate(classes)}
        unknown = sorted(self._numbers.keys() - number.keys(), key=_class_order)
        if unknown:
            raise DataError(
                f"{source} has the label {unknown[0]!r}, which is not one of the classes "
                f"{', '.join(classes)}"
            )
        numbers = np.array([number[name] for name in self._numbers], np.int32)
        return Documents(self._texts.texts(), numbers[np.array(self._labels, np.int32)])


def labelled_rows(rows: Iterable[Row | BadRow], options: TableOptions, source: str) -> LabelledRows:
    """Choose the columns and collect texts and labels.

    Raises DataError if no row is good, a column is not to be found, there are more classes than
    MOST_CLASSES, or a row is bad and `skip_bad_rows` is not set: with their number and the first.
    """
    good, every = looked_ahead(iter(rows))
    if not good:
        first = next(every, None)
        reason = f": line {first.line}: {first.reason}" if isinstance(first, BadRow) else ""
        raise DataError(f"{source} has no rows with a text and a label{reason}")
    text, label = choose_columns(good, options.text, options.label, source)
    found = LabelledRows(text, label)
    for row in every:
        checked = row if isinstance(row, BadRow) else _check(row, text, label)
        if isinstance(checked, BadRow):
            found.add_bad(checked)
        else:
            found.add(*checked)
        if found.different_labels > MOST_CLASSES:
            raise DataError(
                f"{source}: the column {label!r} has {found.different_labels:,} different values "
                f"in {len(found):,} rows, expected at most {MOST_CLASSES:,} classes: name another "
                f"with --label"
            )
    if found.bad and not options.skip_bad_rows:
        raise DataError(_complaint(found, source))
    if not len(found):
        raise DataError(f"{source} has no rows with a text and a label")
    return found


def _check(row: Row, text: str, label: str) -> tuple[str, str] | BadRow:
    words, name = row.values.get(text), row.values.get(label)
    if not isinstance(words, str) or not words.strip():
        return BadRow(row.line, f"no text in {text!r}")
    named = _label_name(name)
    if not named:
        return BadRow(row.line, f"no label in {label!r}")
    return words, named


def _label_name(value: Any) -> str:
    """A label as text: 1, 1.0 and "1 " are the same."""
    if value is None or isinstance(value, list | dict) or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _complaint(found: LabelledRows, source: str) -> str:
    shown = "; ".join(f"line {bad.line}: {bad.reason}" for bad in found.first_bad)
    more = found.bad - len(found.first_bad)
    rest = f"; and {more:,} more" if more > 0 else ""
    total = found.bad + len(found)
    return (
        f"{source}: {found.bad:,} of {total:,} rows cannot be used: {shown}{rest}; mend them, "
        f"or leave them out with --skip-bad-rows"
    )


def _class_order(name: str) -> tuple[float, str]:
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name
