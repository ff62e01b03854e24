"""Texts with several labels each, as they are read, until all labels are known."""

from collections.abc import Sequence

import numpy as np

from hoiquy.data.dataset import Documents
from hoiquy.data.labels.cells import class_order, label_key
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.part_names import PartName
from hoiquy.data.tables.columns import Columns
from hoiquy.errors import DataError


class LabelSets(LabelledDocuments):
    """As `LabelledDocuments`, with any number of labels a text.

    columns: those of the labels are one text. labels: where they are known beforehand, since each
    has a column; classes are then these, in this order.
    """

    multilabel, kind = True, "labels, several a row,"

    def __init__(self, columns: Columns, labels: Sequence[str] = ()) -> None:
        super().__init__(columns)
        self._known_before = tuple(labels)
        self._label_numbers: dict[str, int] = {}  # by key
        self._label_names: list[str] = []  # by number
        self._set_numbers: dict[tuple[int, ...], int] = {}
        self._sets: list[tuple[int, ...]] = []  # by number, each in ascending order
        for name in labels:
            self._number_of(name)

    @property
    def different_labels(self) -> int:
        return len(self._label_names)

    @property
    def have_one_each(self) -> bool:
        """Whether every document has exactly one label."""
        return all(len(numbers) == 1 for numbers in self._sets)

    def add_labels(
        self, text: str, labels: Sequence[str], line: int, part: PartName = "train"
    ) -> None:
        """Keep a document. Raises WriteError where there is no room for it, see `SpillBuffer`."""
        numbers = tuple(sorted({self._number_of(label) for label in labels}))
        of_set = self._set_numbers.setdefault(numbers, len(self._sets))
        if of_set == len(self._sets):
            self._sets.append(numbers)
        self.keep(text, of_set, line, part)

    def classes(self, part: PartName | None = None) -> tuple[str, ...]:
        """All labels, or those that a document of the part has; numbers by size, else by name."""
        if self._known_before:
            return self._known_before
        there = np.unique(self.numbers(part)).tolist()
        labels = {number for of_set in there for number in self._sets[of_set]}
        return tuple(sorted((self._label_names[at] for at in labels), key=class_order))

    def documents(
        self, classes: tuple[str, ...], source: str, part: PartName | None = None
    ) -> Documents:
        """All documents or those of a part; labels: (documents, classes) uint8 of 0 and 1.

        Raises DataError for a label that is none of the classes.
        """
        of_class = {label_key(name): at for at, name in enumerate(classes)}
        of_document = self.numbers(part)
        indicators = np.zeros((len(self._sets), len(classes)), np.uint8)
        for of_set in np.unique(of_document).tolist():
            for number in self._sets[of_set]:
                name = self._label_names[number]
                at = of_class.get(label_key(name))
                if at is None:
                    raise DataError(
                        f"{source} has the label {name!r}, which is not one of the labels "
                        f"{', '.join(classes)}"
                    )
                indicators[of_set, at] = 1
        return self.taken(indicators[of_document], part)

    def _number_of(self, label: str) -> int:
        number = self._label_numbers.setdefault(label_key(label), len(self._label_names))
        if number == len(self._label_names):
            self._label_names.append(label)
        return number
