"""From the rows of a table to labelled documents: which columns, which classes, which rows fail."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.data.labels.cells import canonical_name, label_names
from hoiquy.data.labels.columns import SeveralLabels, holds_lists, named_columns, separator_of
from hoiquy.data.labels.label_sets import LabelSets
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.part_names import UNLABELLED, PartName, part_of
from hoiquy.data.tables.columns import (
    MOST_CLASSES,
    Columns,
    choose_columns,
    holds_splits,
    shown,
    split_columns,
)
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.rows import BadRow, Row, looked_ahead
from hoiquy.errors import DataError


@dataclass(frozen=True)
class TableOptions:
    """What a user may say about a table; None is found out.

    label: of several columns all names, with commas between. skip_bad_rows: leave out the rows that
    cannot be used, instead of an error. header, quoting: as of `FileOptions`. label_separator: what
    is between the labels in a cell, where a row may have several, or none.
    """

    text: str | None = None
    label: str | None = None
    encoding: str | None = None
    skip_bad_rows: bool = False
    header: str | None = None
    quoting: str | None = None
    label_separator: str | None = None

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
    several: bool | None = None,
) -> LabelledDocuments:
    """Choose the columns and collect texts and labels.

    before: the columns of the training table, taken where this table has them. splits: a column
    that names the split of each row decides which part a document belongs to. several: whether a
    row may have several labels; None is found out.
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
    labels = _several_labels(good, columns, options.label_separator, several)
    reader = _RowReader(columns, split_columns(good, columns) if splits else [], good, labels)
    for row in every:
        reader.read(row)
        if reader.found.different_labels > MOST_CLASSES:
            raise DataError(
                f"{source}: the column {shown(columns.label)!r} has "
                f"{reader.found.different_labels:,} different values in {len(reader.found):,} "
                f"rows, expected at most {MOST_CLASSES:,} classes: name another with --label"
                f"{_or_separator(reader.found)}"
            )
    found = reader.finished()
    if labels is not None and len(labels.columns) > 1 and before is None:
        found.notes += _of_columns(found, options.label is None, several is None)
    if found.bad and not options.skip_bad_rows:
        if not len(found) and reader.only_labels_are_missing:
            raise NoLabelsError(found.complaint(source))
        hint = _or_separator(found) if reader.only_labels_are_missing else ""
        raise DataError(f"{found.complaint(source)}{hint}")
    if not len(found):
        raise NoLabelsError(f"{source} has no rows with a text and a label")
    if hint := _or_separator(found):
        found.notes.append(hint.removeprefix("; or, "))
    return found


def _several_labels(
    rows: Sequence[Mapping[str, Any]], columns: Columns, separator: str | None, several: bool | None
) -> SeveralLabels | None:
    """How several labels a row are read; None where a row has one."""
    names = named_columns(columns.label, list(dict.fromkeys(name for row in rows for name in row)))
    assert names is not None  # they were chosen among these
    if separator == "":
        raise DataError("--label-separator is empty: say what is between the labels, such as '|'")
    if separator is not None and len(names) > 1:
        raise DataError(
            f"--label-separator is for one column with all labels, but --label names {len(names)}: "
            f"leave one of both out"
        )
    if several is False and (separator is not None or len(names) > 1):
        raise DataError(
            "one label a row is expected here: name one column with --label, without "
            "--label-separator"
        )
    if several is None:
        several = separator is not None or len(names) > 1 or holds_lists(rows, names[0])
    return SeveralLabels(names, separator) if several else None


def _of_columns(found: LabelledDocuments, detected: bool, training: bool) -> list[str]:
    """What to report of columns of 0 and 1."""
    notes = []
    if detected:
        notes.append("columns that hold only 0 and 1 are taken as labels (--label names one)")
    if training and isinstance(found, LabelSets) and found.have_one_each:
        notes.append(
            "each row has exactly one 1: if a document has one class of several, write its name "
            "into a single column, for a softmax"
        )
    return notes


def no_text(value: Any, column: str) -> str:
    """Why a cell is not the text of a document."""
    try:
        missing = not label_names(value)
    except ValueError:  # an object
        missing = False
    if missing:
        return f"no text in {shown(column)!r}"
    return f"{value!r:.40} ({type(value).__name__}) in {shown(column)!r}, expected text"


def _or_separator(found: LabelledDocuments) -> str:
    """What to say where cells seem to hold several labels; else ""."""
    seen = None if found.multilabel else separator_of(found.classes())
    if seen is None:
        return ""
    separator, example = seen
    return (
        f"; or, if {example!r:.80} is several labels, say --label-separator '{separator}' to read "
        f"each for itself"
    )


class _RowReader:
    """Puts the rows of a table into `found`, by the columns that were chosen.

    labels: how several labels a row are read; None where a row has one.
    """

    def __init__(
        self,
        columns: Columns,
        splits: list[str],
        first: list[Any],
        labels: SeveralLabels | None = None,
    ) -> None:
        self.columns = columns
        printable = Columns(shown(columns.text), shown(columns.label))
        self._labels = labels
        if labels is None:
            self.found = LabelledDocuments(printable)
        else:
            beforehand = labels.columns if len(labels.columns) > 1 else ()
            self.found = LabelSets(printable, [canonical_name(name) for name in beforehand])
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
            self._bad(BadRow(row.line, no_text(text, self.columns.text)))
            return
        column = shown(self.columns.label)
        try:
            names = self._names_in(row)
        except ValueError as error:
            where = "" if self._labels and len(self._labels.columns) > 1 else f" in {column!r}"
            self._bad(BadRow(row.line, f"{error}{where}"))
            return
        if names is not None and isinstance(self.found, LabelSets):
            self.found.add_labels(text, names, row.line, part)
        elif not names:
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

    def _names_in(self, row: Row) -> list[str] | None:
        """The labels of a row; None, or none of one label, where that is not known."""
        if self._labels is None:
            return self.found.names(row.values.get(self.columns.label))
        return self._labels.names(row.values, self.found.names)

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
