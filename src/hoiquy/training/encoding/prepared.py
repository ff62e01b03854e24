"""Documents encoded for training, validation and test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.errors import ShapeError
from hoiquy.recipe.recipe import DataTable, Recipe
from hoiquy.text import EncodedDocuments, Vocabulary, pad
from hoiquy.text.vectors import WordVectors


@dataclass(frozen=True, eq=False)
class SoftLabelledDocuments:
    """Documents with soft labels. Raises ShapeError unless each text has a row."""

    texts: Sequence[str]
    probabilities: NDArray[np.float32]  # (documents, classes); each row adds up to 1

    def __post_init__(self) -> None:
        if self.probabilities.ndim != 2 or len(self.probabilities) != len(self.texts):
            raise ShapeError(
                f"probabilities {self.probabilities.shape}: expected ({len(self.texts)}, classes), "
                f"one row per text"
            )

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Split:
    """Encoded documents of one split, padded batch by batch."""

    documents: EncodedDocuments
    labels: Labels  # (documents,), or (documents, classes) of 0 and 1, as in `Documents`
    classes: int
    table: DataTable
    soft: NDArray[np.float32] | None = None  # (documents, classes); labels are then its argmax
    starts_marked: bool = True  # documents begin with a start token

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.labels.ndim == 2

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(documents,) steps without padding, after truncation."""
        return np.minimum(np.diff(self.documents.starts), self.table.max_length)

    @property
    def words(self) -> NDArray[np.int64]:
        """(documents,) the words of each document, before truncation."""
        return self.documents.lengths - int(self.starts_marked)

    def indices(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """(rows, max_length) indices, padded and truncated by the recipe."""
        table = self.table
        return pad(self.documents, rows, table.max_length, table.padding, table.truncating)

    def targets(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, classes): the labels as 0 and 1, or the soft labels if any."""
        if self.soft is not None:
            return self.soft[rows]
        if self.multilabel:
            return self.labels[rows].astype(np.float32)
        return np.eye(self.classes, dtype=np.float32)[self.labels[rows]]

    def part(self, begin: int, end: int) -> "Split":
        """The documents from `begin` up to `end`."""
        starts = self.documents.starts[begin : end + 1]
        indices = self.documents.indices[starts[0] : starts[-1]]
        documents = EncodedDocuments(indices, starts - starts[0])
        soft = None if self.soft is None else self.soft[begin:end]
        return replace(self, documents=documents, labels=self.labels[begin:end], soft=soft)

    def followed_by(self, other: "Split") -> "Split":
        """The documents of both splits, with soft labels."""
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
    """Everything an engine needs besides the recipe."""

    vocabulary: Vocabulary
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    soft_labelled: int = 0  # of the training documents, at their end
    vectors: WordVectors | None = None  # of the known words, with which the embedding begins

    @property
    def classes(self) -> int:
        return self.train.classes

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.train.multilabel

    def labelled(self) -> "Prepared":
        """The same without soft-labelled documents."""
        if not self.soft_labelled:
            return self
        train = self.train.part(0, len(self.train) - self.soft_labelled)
        return replace(self, train=train, soft_labelled=0)


def split_of(recipe: Recipe, documents: EncodedDocuments, labels: Labels, classes: int) -> Split:
    """A split of documents that were encoded by the recipe."""
    numbers = labels.astype(np.uint8) if labels.ndim == 2 else labels.astype(np.int32)
    return Split(documents, numbers, classes, recipe.data, None, recipe.text.start != "none")
