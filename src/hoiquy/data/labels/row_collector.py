"""Collects the rows of a table as documents, by the chosen columns."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hoiquy.data.labels.cells import canonical_name, label_key, label_names
from hoiquy.data.labels.columns import MultiLabelColumns
from hoiquy.data.labels.label_sets import MultiLabelDocuments
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.part_names import UNLABELLED, PartName, part_of
from hoiquy.data.tables.columns import Columns, holds_splits, printable
from hoiquy.data.tables.rows import BadRow, Row

_MOST_NAMED = 5  # classes in a message


class RowCollector:
    """Collects the rows of a table as documents.

    splits: names of split columns. first_rows: values of the first rows. labels: how to read
    several labels a row; None for one label a row. classes: see `Expected`. unlabelled: called
    with the texts of training rows without a label, which are bad rows otherwise, and of splits
    without labels, which are left out otherwise.
    """

    def __init__(
        self,
        columns: Columns,
        splits: list[str],
        first_rows: list[Any],
        labels: MultiLabelColumns | None = None,
        classes: tuple[str, ...] | None = None,
        unlabelled: Callable[[str], None] | None = None,
    ) -> None:
        self.columns = columns
        self._unlabelled = unlabelled
        self._classes = classes
        self._keys = frozenset(map(label_key, classes or ()))
        self._printable = Columns(printable(columns.text), printable(columns.label))
        self._labels = labels
        if labels is None:
            self.documents = LabelledDocuments(self._printable)
        else:
            classes = labels.columns if len(labels.columns) > 1 else ()
            names = [canonical_name(name) for name in classes]
            self.documents = MultiLabelDocuments(self._printable, names)
        self.only_labels_are_missing = True
        self._split = next((name for name in splits if holds_splits(first_rows, name)), None)
        self._without_label: Counter[PartName] = Counter()
        self._first_without: dict[PartName, BadRow] = {}
        self._left_out: Counter[str] = Counter()
        for name in splits:
            if name != self._split:
                self.documents.notes.append(f"the column {printable(name)!r} is not used")

    def add(self, row: Row | BadRow) -> None:
        """Append the document of a row, or count the row as bad."""
        if isinstance(row, BadRow):
            self._bad(row)
            return
        part = self._part(row)
        if part is None:
            return
        text = row.values.get(self.columns.text)
        if not isinstance(text, str) or not text.strip():
            self._bad(BadRow(row.line, text_problem(text, self.columns.text)))
            return
        column = self._printable.label
        try:
            names = self._label_names(row)
        except ValueError as error:
            where = "" if self._labels and len(self._labels.columns) > 1 else f" in {column!r}"
            self._bad(BadRow(row.line, f"{error}{where}"))
            return
        if (unknown := self._unknown(names or ())) is not None:
            self._bad(BadRow(row.line, unknown))
        elif names is not None and isinstance(self.documents, MultiLabelDocuments):
            self.documents.add_labels(text, names, row.line, part)
        elif not names:
            self._add_without_label(row, part, text)
        elif len(names) > 1:
            first = ", ".join(repr(name) for name in names[:3])
            self._bad(BadRow(row.line, f"several labels in a row: {first}"))
        else:
            self.documents.add(text, names[0], row.line, part)

    def _add_without_label(self, row: Row, part: PartName, text: str) -> None:
        bad = BadRow(row.line, f"no label in {self._printable.label!r}")
        if part != "train":
            self._without_label[part] += 1
            self._first_without.setdefault(part, bad)
        elif self._unlabelled is not None:
            self._unlabelled(text)
            self.documents.left_out += 1
        else:
            self.documents.add_bad(bad)

    def _label_names(self, row: Row) -> list[str] | None:
        """The labels of a row; None or empty if they are missing."""
        if self._labels is None:
            return self.documents.names(row.values.get(self.columns.label))
        return self._labels.names(row.values, self.documents.names)

    def _unknown(self, names: Sequence[str]) -> str | None:
        """Why a label is none of the classes that are expected; None if all are."""
        if self._classes is None:
            return None
        for name in names:
            if label_key(name) not in self._keys:
                rest = ", …" if len(self._classes) > _MOST_NAMED else ""
                known = ", ".join(self._classes[:_MOST_NAMED]) + rest
                return (
                    f"{name!r:.40} in {self._printable.label!r} is not one of the "
                    f"{len(self._classes)} classes {known}"
                )
        return None

    def finish(self) -> LabelledDocuments:
        """Return all documents; test and validation splits without any labels are left out."""
        documents = self.documents
        for part, count in self._without_label.items():
            if documents.part_size(part):
                documents.add_bad(self._first_without[part], count)
            else:
                self._left_out[f"{part} without labels"] += count
        if self._split is not None:
            documents.split_column = printable(self._split)
        for name, count in self._left_out.items():
            documents.left_out += count
            documents.notes.append(f"{count:,} rows of the split {name} left out")
        return documents

    def _bad(self, row: BadRow) -> None:
        self.only_labels_are_missing = False
        self.documents.add_bad(row)

    def _part(self, row: Row) -> PartName | None:
        """The part of a row; None for a row that is left out, and counted."""
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
        if not names and self._has_no_label(row):
            return "train"  # as without a split column
        if part is None:
            if names and names[0].lower() in UNLABELLED:
                self._leave_out(row, names[0])
            else:
                value = f"{names[0]!r:.40}" if names else "nothing"
                reason = (
                    f"{value} in {printable(self._split)!r}, expected train, validation or test"
                )
                self._bad(BadRow(row.line, reason))
        return part

    def _has_no_label(self, row: Row) -> bool:
        try:
            names = self._label_names(row)
        except ValueError:
            return False
        return names is None or (self._labels is None and not names)

    def _leave_out(self, row: Row, split: str) -> None:
        text = row.values.get(self.columns.text)
        if self._unlabelled is not None and isinstance(text, str) and text.strip():
            self._unlabelled(text)
            self.documents.left_out += 1
        else:
            self._left_out[split] += 1


def text_problem(value: Any, column: str) -> str:
    """Return why a cell is not a text."""
    try:
        missing = not label_names(value)
    except ValueError:  # an object
        missing = False
    if missing:
        return f"no text in {printable(column)!r}"
    return f"{value!r:.40} ({type(value).__name__}) in {printable(column)!r}, expected text"
