"""Texts and labels as they are read, until all are known and classes get their numbers."""

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

_SHOWN = 3  # bad rows in an error
_PARTS: tuple[PartName, ...] = ("train", "validation", "test")
_LOOK_MISSING = frozenset({"nan", "na", "n/a", "null", "none", "nil"})
_MOST_SPELLINGS = 10_000  # that are kept, to be found at once


class LabelledDocuments:
    """Texts and labels in the order of their source, and how many of its rows are bad.

    columns: what holds them, for messages. bad, first_bad: rows that cannot be used. left_out: rows
    that are not needed, such as those of an unlabelled split. notes: what else is to be reported,
    such as why they are left out. split_column: the column that names the part of each row, where
    there is one.
    """

    multilabel, kind = False, "classes"  # see `LabelSets`

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.bad = self.left_out = 0
        self.first_bad: list[BadRow] = []
        self.notes: list[str] = []
        self.split_column: str | None = None
        self._store = TextStore()
        self._texts: StoredTexts | None = None
        self._numbers: dict[str, int] = {}  # of the labels' keys, as they come
        self._names: list[str] = []  # by number
        self._known: dict[str, int] = {}  # numbers of names, which are found at once
        self._spellings: dict[str, list[str]] = {}
        self._labels, self._lines, self._parts = array("i"), array("q"), array("b")

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def different_labels(self) -> int:
        return len(self._names)

    def names(self, value: Any) -> list[str]:
        """As `label_names`, faster for strings that came before. Raises ValueError."""
        if not isinstance(value, str):
            return label_names(value)
        names = self._spellings.get(value)
        if names is None:
            names = label_names(value)
            if len(self._spellings) < _MOST_SPELLINGS:
                self._spellings[value] = names
        return names

    def add(self, text: str, label: str, line: int, part: PartName = "train") -> None:
        """Keep a document. Raises WriteError where there is no room for it, see `SpillBuffer`.

        label: one of `names`. line: where it begins, see `Row`.
        """
        number = self._known.get(label)
        if number is None:
            number = self._known[label] = self._number(label)
        self.keep(text, number, line, part)

    def keep(self, text: str, number: int, line: int, part: PartName) -> None:
        """Keep a document with the number of its label. Raises WriteError as `add`."""
        self._store.append(text)
        self._labels.append(number)
        self._lines.append(line)
        self._parts.append(_PARTS.index(part))

    def _number(self, label: str) -> int:
        number = self._numbers.setdefault(label_key(label), len(self._numbers))
        if number == len(self._names):
            self._names.append(label)
        # Of spellings with and without joiners, the same is shown whatever the order of the rows.
        self._names[number] = max(self._names[number], label)
        return number

    def add_bad(self, row: BadRow, count: int = 1) -> None:
        """Count a row that cannot be used, or so many of which this is the first."""
        self.bad += count
        self.first_bad = sorted([*self.first_bad, row])[:_SHOWN]

    def complaint(self, source: str) -> str:
        """What an error says of the bad rows."""
        told = "; ".join(f"line {bad.line}: {bad.reason}" for bad in self.first_bad)
        more = self.bad - len(self.first_bad)
        rest = f"; and {more:,} more" if more > 0 else ""
        return (
            f"{source}: {self.bad:,} of {self.bad + len(self):,} rows cannot be used: "
            f"{told}{rest}; mend them, or leave them out with --skip-bad-rows"
        )

    def documents_of(self, part: PartName) -> int:
        """How many there are of a part."""
        return self._parts.count(_PARTS.index(part))

    def classes(self, part: PartName | None = None) -> tuple[str, ...]:
        """The labels of all documents or of a part: numbers by size, else by the alphabet."""
        numbers = np.unique(self.numbers(part))
        return tuple(sorted((self._names[at] for at in numbers.tolist()), key=class_order))

    def documents(
        self, classes: tuple[str, ...], source: str, part: PartName | None = None
    ) -> Documents:
        """All documents or those of a part, with labels as numbers of `classes`.

        Raises DataError for a label that is none of them.
        """
        number = {label_key(name): at for at, name in enumerate(classes)}
        labels = self.numbers(part)
        there = np.unique(labels).tolist()
        keys = {at: key for key, at in self._numbers.items()}
        unknown = [self._names[at] for at in there if keys[at] not in number]
        if unknown:
            raise DataError(
                f"{source} has the label {min(unknown, key=class_order)!r}, which is not one of "
                f"the classes {', '.join(classes)}"
            )
        numbers = np.array([number.get(keys[at], -1) for at in range(len(keys))], np.int32)
        return self.taken(numbers[labels], part)

    def numbers(self, part: PartName | None) -> NDArray[np.int32]:
        """The number of the label of each document of a part."""
        return np.array(self._labels, np.int32)[self._rows(part)]

    def taken(self, labels: Labels, part: PartName | None) -> Documents:
        """The documents of a part, with these labels."""
        rows = self._rows(part)
        if self._texts is None:
            self._texts = self._store.texts()
        lines = np.array(self._lines, np.int64)[rows]
        return Documents(self._texts.take(rows), labels, lines=lines)

    def remarks(self) -> list[str]:
        """`notes`, and what is to be known about the labels."""
        remarks = list(self.notes)
        alike: dict[str, set[str]] = {}
        for spelling, names in self._spellings.items():
            if len(names) == 1:
                alike.setdefault(label_key(names[0]), set()).add(spelling.strip())
        merged = [sorted(spellings) for spellings in alike.values() if len(spellings) > 1]
        if merged:
            first, second = (ascii(spelling) for spelling in min(merged)[:2])
            remarks.append(f"labels that differ only in spelling are one class ({first}, {second})")
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
