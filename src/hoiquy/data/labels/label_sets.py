"""Collects documents with any number of labels each."""

from collections.abc import Sequence

import numpy as np

from hoiquy.data.dataset import Documents
from hoiquy.data.labels.cells import class_order, label_key
from hoiquy.data.labels.labelled_documents import LabelledDocuments
from hoiquy.data.part_names import PartName
from hoiquy.data.tables.columns import Columns
from hoiquy.errors import DataError


class MultiLabelDocuments(LabelledDocuments):
    """As `LabelledDocuments`, with any number of labels a document.

    labels: the classes in order, if each has a column; else they are collected from the rows.
    """

    multilabel, kind = True, "labels, several a row,"

    def __init__(self, columns: Columns, labels: Sequence[str] = ()) -> None:
        super().__init__(columns)
        self._given_classes = tuple(labels)
        self._label_numbers: dict[str, int] = {}  # by key
        self._label_names: list[str] = []  # by number
        self._set_numbers: dict[tuple[int, ...], int] = {}
        self._sets: list[tuple[int, ...]] = []  # by number, each in ascending order
        for name in labels:
            self._number_of(name)

    @property
    def label_count(self) -> int:
        return len(self._label_names)

    @property
    def one_label_each(self) -> bool:
        """Whether every document has exactly one label."""
        return all(len(numbers) == 1 for numbers in self._sets)

    def add_labels(
        self, text: str, labels: Sequence[str], line: int, part: PartName = "train"
    ) -> None:
        """Append a document. Raises WriteError if there is no room, see `SpillBuffer`."""
        numbers = tuple(sorted({self._number_of(label) for label in labels}))
        set_number = self._set_numbers.setdefault(numbers, len(self._sets))
        if set_number == len(self._sets):
            self._sets.append(numbers)
        self.append(text, set_number, line, part)

    def classes(self, part: PartName | None = None) -> tuple[str, ...]:
        """Return all labels, or those of a part, sorted by `class_order`."""
        if self._given_classes:
            return self._given_classes
        set_numbers = np.unique(self.numbers(part)).tolist()
        labels = {number for set_number in set_numbers for number in self._sets[set_number]}
        return tuple(sorted((self._label_names[at] for at in labels), key=class_order))

    def documents(
        self, classes: tuple[str, ...], source: str, part: PartName | None = None
    ) -> Documents:
        """Return all documents or a part, with labels (documents, classes) uint8 of 0 and 1.

        Raises DataError for a label that is not one of the classes.
        """
        index_of = {label_key(name): index for index, name in enumerate(classes)}
        set_numbers = self.numbers(part)
        indicators = np.zeros((len(self._sets), len(classes)), np.uint8)
        for set_number in np.unique(set_numbers).tolist():
            for number in self._sets[set_number]:
                name = self._label_names[number]
                index = index_of.get(label_key(name))
                if index is None:
                    raise DataError(
                        f"{source} has the label {name!r}, which is not one of the labels "
                        f"{', '.join(classes)}"
                    )
                indicators[set_number, index] = 1
        return self.select(indicators[set_numbers], part)

    def _number_of(self, label: str) -> int:
        number = self._label_numbers.setdefault(label_key(label), len(self._label_names))
        if number == len(self._label_names):
            self._label_names.append(label)
        return number
