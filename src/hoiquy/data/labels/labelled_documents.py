"""Collects documents with one label each; classes are numbered when all are known."""

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Documents
from hoiquy.data.label_array import Labels
from hoiquy.data.labels.cells import class_order, label_key, label_names
from hoiquy.data.part_names import PartName
from hoiquy.data.stored_texts import StoredTexts, TextStore
from hoiquy.data.tables.columns import Columns
from hoiquy.data.tables.rows import BadRow
from hoiquy.errors import DataError

_MAX_SHOWN = 3  # bad rows in an error message
_PARTS: tuple[PartName, ...] = ("train", "validation", "test")
_LOOK_MISSING = frozenset({"nan", "na", "n/a", "null", "none", "nil"})
_MAX_CACHED_SPELLINGS = 10_000


class LabelledDocuments:
    """Documents in the order of their source, with a count of bad rows.

    Attributes:
        columns: Text and label columns, for messages.
        bad: Number of bad rows.
        first_bad: The first bad rows.
        left_out: Number of rows that are not needed, such as those of an unlabelled split.
        notes: Remarks to report, such as why rows are left out.
        split_column: The column that names the part of each row, if any.
    """

    multilabel, kind = False, "classes"  # see `MultiLabelDocuments`

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.bad = self.left_out = 0
        self.first_bad: list[BadRow] = []
        self.notes: list[str] = []
        self.split_column: str | None = None
        self._store = TextStore()
        self._texts: StoredTexts | None = None
        self._numbers: dict[str, int] = {}  # by label key, in order of appearance
        self._names: list[str] = []  # by number
        self._known: dict[str, int] = {}  # by label, to save `label_key`
        self._spellings: dict[str, list[str]] = {}
        self._labels, self._lines, self._parts = array("i"), array("q"), array("b")

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def label_count(self) -> int:
        return len(self._names)

    def names(self, value: Any) -> list[str]:
        """As `label_names`, cached for strings. Raises ValueError."""
        if not isinstance(value, str):
            return label_names(value)
        names = self._spellings.get(value)
        if names is None:
            names = label_names(value)
            if len(self._spellings) < _MAX_CACHED_SPELLINGS:
                self._spellings[value] = names
        return names

    def add(self, text: str, label: str, line: int, part: PartName = "train") -> None:
        """Append a document. Raises WriteError if there is no room, see `SpillBuffer`.

        label: a result of `names`. line: where the document begins, see `Row`.
        """
        number = self._known.get(label)
        if number is None:
            number = self._known[label] = self._number(label)
        self.append(text, number, line, part)

    def append(self, text: str, number: int, line: int, part: PartName) -> None:
        """Append a document by the number of its label. Raises WriteError as `add`."""
        self._store.append(text)
        self._labels.append(number)
        self._lines.append(line)
        self._parts.append(_PARTS.index(part))

    def _number(self, label: str) -> int:
        number = self._numbers.setdefault(label_key(label), len(self._numbers))
        if number == len(self._names):
            self._names.append(label)
        # Independent of the order of the rows, if spellings differ in joiners.
        self._names[number] = max(self._names[number], label)
        return number

    def add_bad(self, row: BadRow, count: int = 1) -> None:
        """Count a bad row, or `count` bad rows of which this is the first."""
        self.bad += count
        self.first_bad = sorted([*self.first_bad, row])[:_MAX_SHOWN]

    def bad_rows_message(self, source: str) -> str:
        """Return the error message about the bad rows."""
        shown = "; ".join(f"line {bad.line}: {bad.reason}" for bad in self.first_bad)
        more = self.bad - len(self.first_bad)
        rest = f"; and {more:,} more" if more > 0 else ""
        if not len(self):
            return f"{source}: none of the {self.bad:,} rows can be used: {shown}{rest}"
        return (
            f"{source}: {self.bad:,} of {self.bad + len(self):,} rows cannot be used: "
            f"{shown}{rest}; fix them, or leave them out with --skip-bad-rows"
        )

    def part_size(self, part: PartName) -> int:
        """Return the number of documents in a part."""
        return self._parts.count(_PARTS.index(part))

    def classes(self, part: PartName | None = None) -> tuple[str, ...]:
        """Return the labels of all documents or of a part, sorted by `class_order`."""
        numbers = np.unique(self.numbers(part))
        return tuple(sorted((self._names[at] for at in numbers.tolist()), key=class_order))

    def documents(
        self, classes: tuple[str, ...], source: str, part: PartName | None = None
    ) -> Documents:
        """Return all documents or a part, with labels (documents,) int32, indices in `classes`.

        Raises DataError for a label that is not one of them.
        """
        index_of = {label_key(name): index for index, name in enumerate(classes)}
        labels = self.numbers(part)
        keys = {number: key for key, number in self._numbers.items()}
        used = np.unique(labels).tolist()
        unknown = [self._names[number] for number in used if keys[number] not in index_of]
        if unknown:
            raise DataError(
                f"{source} has the label {min(unknown, key=class_order)!r}, which is not one of "
                f"the classes {', '.join(classes)}"
            )
        indices = np.array([index_of.get(keys[n], -1) for n in range(len(keys))], np.int32)
        return self.select(indices[labels], part)

    def numbers(self, part: PartName | None) -> NDArray[np.int32]:
        """Return the label number of each document of a part, (documents,)."""
        return np.array(self._labels, np.int32)[self._rows(part)]

    def select(self, labels: Labels, part: PartName | None) -> Documents:
        """Return the documents of a part with these labels."""
        rows = self._rows(part)
        if self._texts is None:
            self._texts = self._store.texts()
        lines = np.array(self._lines, np.int64)[rows]
        return Documents(self._texts.take(rows), labels, lines=lines)

    def remarks(self) -> list[str]:
        """Return `notes` and remarks about the labels."""
        remarks = list(self.notes)
        spellings_of: dict[str, set[str]] = {}
        for spelling, names in self._spellings.items():
            if len(names) == 1:
                spellings_of.setdefault(label_key(names[0]), set()).add(spelling.strip())
        merged = [sorted(spellings) for spellings in spellings_of.values() if len(spellings) > 1]
        if merged:
            first, second = (ascii(spelling) for spelling in min(merged)[:2])
            remarks.append(f"labels that differ only in spelling are one class ({first}, {second})")
        remarks += _capital_remarks(self._names)
        remarks += [
            f"{name!r} is taken as the name of a class, not as a missing label"
            for name in sorted(self._names)
            if name.lower() in _LOOK_MISSING
        ]
        return remarks

    def _rows(self, part: PartName | None) -> NDArray[np.int64]:
        if part is None:
            return np.arange(len(self))
        return np.flatnonzero(np.array(self._parts, np.int8) == _PARTS.index(part))


def _capital_remarks(names: list[str]) -> list[str]:
    """A remark on classes that differ only in capital letters, as typed by hand."""
    alike: dict[str, list[str]] = {}
    for name in sorted(names):
        alike.setdefault(name.casefold(), []).append(name)
    found = [spellings for spellings in alike.values() if len(spellings) > 1]
    if not found:
        return []
    first, second = found[0][:2]
    return [
        f"the classes {first!r} and {second!r} differ only in capital letters (write them alike if "
        f"they are one)"
    ]
