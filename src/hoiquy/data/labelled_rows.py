"""From the rows of a table to labelled documents: which columns, which classes, which rows fail."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hoiquy.data.columns import (
    MOST_CLASSES,
    Columns,
    choose_columns,
    holds_splits,
    shown,
    split_columns,
)
from hoiquy.data.file_options import FileOptions
from hoiquy.data.labelled_documents import LabelledDocuments
from hoiquy.data.labels import label_names
from hoiquy.data.part_names import UNLABELLED, PartName, part_of
from hoiquy.data.rows import BadRow, Row, looked_ahead
from hoiquy.errors import DataError


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


class NoLabelsError(DataError):
    """A table has texts and no label at all."""


def labelled_rows(
    rows: Iterable[Row | BadRow],
    options: TableOptions,
    source: str,
    before: Columns | None = None,
    splits: bool = False,
) -> LabelledDocuments:
    """Choose the columns and collect texts and labels.

    before: the columns of the training table, taken where this table has them. splits: a column
    that names the split of each row decides which part a document belongs to.
    Raises DataError if no row is good, a column is not to be found, there are more classes than
    MOST_CLASSES, or a row is bad and `skip_bad_rows` is not set: with their number and the first;
    NoLabelsError if a label is all that the rows lack.
    """
    good, every = looked_ahead(iter(rows))
    if not good:
        first = next(every, None)
        reason = f": line {first.line}: {first.reason}" if isinstance(first, BadRow) else ""
        raise DataError(f"{source} has no rows with a text and a label{reason}")
    columns = choose_columns(good, options.text, options.label, source, before)
    reader = _RowReader(columns, split_columns(good, columns) if splits else [], good)
    for row in every:
        reader.read(row)
        if reader.found.different_labels > MOST_CLASSES:
            raise DataError(
                f"{source}: the column {shown(columns.label)!r} has "
                f"{reader.found.different_labels:,} different values in {len(reader.found):,} "
                f"rows, expected at most {MOST_CLASSES:,} classes: name another with --label"
            )
    found = reader.finished()
    if found.bad and not options.skip_bad_rows:
        if not len(found) and reader.only_labels_are_missing:
            raise NoLabelsError(found.complaint(source))
        raise DataError(found.complaint(source))
    if not len(found):
        raise NoLabelsError(f"{source} has no rows with a text and a label")
    return found


class _RowReader:
    """Puts the rows of a table into `found`, by the columns that were chosen."""

    def __init__(self, columns: Columns, splits: list[str], first: list[Any]) -> None:
        self.columns = columns
        self.found = LabelledDocuments(Columns(shown(columns.text), shown(columns.label)))
        self.only_labels_are_missing = True
        self._split = next((name for name in splits if holds_splits(first, name)), None)
        self._without_label: Counter[PartName] = Counter()
        self._first_without: dict[PartName, BadRow] = {}
        self._not_wanted: Counter[str] = Counter()
        for name in splits:
            if name != self._split:
                self.found.notes.append(f"the column {shown(name)!r} is left alone")

    def read(self, row: Row | BadRow) -> None:
        """Keep a row, or count it among those that cannot be used."""
        if isinstance(row, BadRow):
            self._bad(row)
            return
        part = self._part(row)
        if part is None:
            return
        text = row.values.get(self.columns.text)
        if not isinstance(text, str) or not text.strip():
            self._bad(BadRow(row.line, f"no text in {shown(self.columns.text)!r}"))
            return
        value, column = row.values.get(self.columns.label), shown(self.columns.label)
        try:
            names = self.found.names(value)
        except ValueError as error:
            self._bad(BadRow(row.line, f"{error} in {column!r}"))
            return
        if not names:
            bad = BadRow(row.line, f"no label in {column!r}")
            if part == "train":
                self.found.add_bad(bad)
            else:
                self._without_label[part] += 1
                self._first_without.setdefault(part, bad)
        elif len(names) > 1:
            several = ", ".join(repr(name) for name in names[:3])
            self._bad(BadRow(row.line, f"several labels in a row: {several}"))
        else:
            self.found.add(text, names[0], row.line, part)

    def finished(self) -> LabelledDocuments:
        """All rows. Those of a test or validation split without a label at all are left out."""
        found = self.found
        for part, count in self._without_label.items():
            if found.documents_of(part):
                found.add_bad(self._first_without[part], count)
            else:
                self._not_wanted[f"{part} without labels"] += count
        if self._split is not None:
            found.split_column = shown(self._split)
        for name, count in self._not_wanted.items():
            found.left_out += count
            found.notes.append(f"{count:,} rows of the split {name} left out")
        return found

    def _bad(self, row: BadRow) -> None:
        self.only_labels_are_missing = False
        self.found.add_bad(row)

    def _part(self, row: Row) -> PartName | None:
        """The part of a row; None for one that is left out, and counted."""
        if self._split is None:
            return "train"
        value = row.values.get(self._split)
        if isinstance(value, str) and (known := part_of(value)):
            return known
        try:
            names = label_names(value)
        except ValueError:
            names = []
        part = part_of(names[0]) if len(names) == 1 else None
        if part is None:
            if names and names[0].lower() in UNLABELLED:
                self._not_wanted[names[0]] += 1
            else:
                there = f"{names[0]!r:.40}" if names else "nothing"
                reason = f"{there} in {shown(self._split)!r}, expected train, validation or test"
                self._bad(BadRow(row.line, reason))
        return part
