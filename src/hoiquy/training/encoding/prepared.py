"""Documents encoded for training, validation and test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.errors import ShapeError
from hoiquy.recipe.recipe import DataTable, Recipe
from hoiquy.text import EncodedDocuments, Vocabulary, pad


@dataclass(frozen=True, eq=False)
class SoftLabelledDocuments:
    """Documents without a label, and what teachers make of them.

    probabilities: (documents, classes) float32, of which each row adds up to 1.
    Raises ShapeError if there is not one row a text.
    """

    texts: Sequence[str]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.probabilities.ndim != 2 or len(self.probabilities) != len(self.texts):
            raise ShapeError(
                f"probabilities {self.probabilities.shape}: expected ({len(self.texts)}, classes), "
                f"one row a text"
            )

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Split:
    """Encoded documents of one split; padded only when a batch is asked for."""

    documents: EncodedDocuments
    labels: Labels  # (documents,), or (documents, classes) of 0 and 1, as of `Documents`
    classes: int
    table: DataTable
    soft: NDArray[np.float32] | None = None  # (documents, classes); labels are then its argmax
    starts_marked: bool = True  # the first index of each document marks its start

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.labels.ndim == 2

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(documents,) steps that are not padding, after truncation."""
        return np.minimum(np.diff(self.documents.starts), self.table.max_length)

    @property
    def words(self) -> NDArray[np.int64]:
        """(documents,) the words of each document, before truncation."""
        return self.documents.lengths - int(self.starts_marked)

    def indices(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """(rows, max_length) indices, padded and truncated as the recipe says."""
        table = self.table
        return pad(self.documents, rows, table.max_length, table.padding, table.truncating)

    def targets(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, classes): the labels as 0 and 1, or the probabilities where there are some."""
        if self.soft is not None:
            return self.soft[rows]
        if self.multilabel:
            return self.labels[rows].astype(np.float32)
        return np.eye(self.classes, dtype=np.float32)[self.labels[rows]]

    def part(self, begin: int, end: int) -> "Split":
        """The documents from one up to another."""
        starts = self.documents.starts[begin : end + 1]
        indices = self.documents.indices[starts[0] : starts[-1]]
        documents = EncodedDocuments(indices, starts - starts[0])
        soft = None if self.soft is None else self.soft[begin:end]
        return replace(self, documents=documents, labels=self.labels[begin:end], soft=soft)

    def followed_by(self, other: "Split") -> "Split":
        """The documents of both, and what each is to be answered by."""
        first, second = self.documents, other.documents
        documents = EncodedDocuments(
            np.concatenate([first.indices, second.indices]),
            np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
        )
        parts = [part.targets(np.arange(len(part))) for part in (self, other)]
        labels = np.concatenate([self.labels, other.labels])
        return replace(self, documents=documents, labels=labels, soft=np.concatenate(parts))


@dataclass(frozen=True)
class Prepared:
    """Everything an engine needs beside the recipe.

    taught: how many of the last training documents have the probabilities of teachers for a label.
    """

    vocabulary: Vocabulary
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    soft_labelled: int = 0

    @property
    def classes(self) -> int:
        return self.train.classes

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.train.multilabel

    def labelled(self) -> "Prepared":
        """The same without the documents that were taught."""
        if not self.soft_labelled:
            return self
        return replace(
            self, train=self.train.part(0, len(self.train) - self.soft_labelled), soft_labelled=0
        )


def split_of(recipe: Recipe, documents: EncodedDocuments, labels: Labels, classes: int) -> Split:
    """Documents that were encoded as the recipe says."""
    numbers = labels.astype(np.uint8) if labels.ndim == 2 else labels.astype(np.int32)
    return Split(documents, numbers, classes, recipe.data, None, recipe.text.start != "none")
