"""From the rows of a table to labelled documents: which columns, which classes, which rows fail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hoiquy.data.columns import MOST_CLASSES, choose_columns
from hoiquy.data.dataset import Documents
from hoiquy.data.rows import BadRow, Row, looked_ahead
from hoiquy.errors import DataError

_SHOWN = 3  # bad rows in an error


@dataclass(frozen=True)
class TableOptions:
    """What a user may say about a table; None is found out.

    skip_bad_rows: go on without the rows that cannot be used, instead of an error.
    """

    text: str | None = None
    label: str | None = None
    encoding: str | None = None
    skip_bad_rows: bool = False


AS_FOUND = TableOptions()


@dataclass
class LabelledRows:
    """Texts and labels of a table in its order, and what was found out on the way."""

    text_column: str
    label_column: str
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    def classes(self) -> tuple[str, ...]:
        """The different labels: numbers by size, else by the alphabet."""
        return tuple(sorted(set(self.labels), key=_class_order))

    def documents(self, classes: tuple[str, ...], source: str) -> Documents:
        """The documents with labels as numbers of `classes`. Raises DataError for another label."""
        number = {name: at for at, name in enumerate(classes)}
        unknown = sorted(set(self.labels) - number.keys(), key=_class_order)
        if unknown:
            raise DataError(
                f"{source} has the label {unknown[0]!r}, which is not one of the classes "
                f"{', '.join(classes)}"
            )
        return Documents(self.texts, np.array([number[name] for name in self.labels], np.int32))


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
            found.bad.append(checked)
        else:
            found.texts.append(checked[0])
            found.labels.append(checked[1])
    if found.bad and not options.skip_bad_rows:
        raise DataError(_complaint(found, source))
    if not found.texts:
        raise DataError(f"{source} has no rows with a text and a label")
    if len(set(found.labels)) > MOST_CLASSES:
        raise DataError(
            f"{source}: the column {label!r} has {len(set(found.labels)):,} different values, "
            f"expected at most {MOST_CLASSES:,} classes: name another with --label"
        )
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
    shown = "; ".join(f"line {bad.line}: {bad.reason}" for bad in found.bad[:_SHOWN])
    more = len(found.bad) - _SHOWN
    rest = f"; and {more:,} more" if more > 0 else ""
    total = len(found.bad) + len(found.texts)
    return (
        f"{source}: {len(found.bad):,} of {total:,} rows cannot be used: {shown}{rest}; mend them, "
        f"or leave them out with --skip-bad-rows"
    )


def _class_order(name: str) -> tuple[float, str]:
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name
