"""A labelled data set: training, validation and test documents."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.errors import DataError, ShapeError

if TYPE_CHECKING:
    from hoiquy.data.tables.columns import Columns
    from hoiquy.data.token_store import TokenStore

Progress = Callable[[str, int, int | None], None]
"""Called as (activity, done, total); total is None if unknown."""


@dataclass(frozen=True, eq=False)
class Documents:
    """One part of a data set: texts and their labels.

    Attributes:
        texts: One string a document.
        labels: (documents,) int32, indices into `Dataset.classes`; or, if a document may have any
            number of labels, (documents, classes) uint8 of 0 and 1.
        known_fingerprint: Result of `fingerprint`, if computed before.
        lines: (documents,) int64, the line or row number (from 1) where each document begins.

    Raises:
        ShapeError: The numbers of texts and labels differ.
    """

    texts: Sequence[str]
    labels: Labels
    known_fingerprint: str | None = None
    lines: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.labels.ndim not in (1, 2) or len(self.labels) != len(self.texts):
            raise ShapeError(
                f"labels {self.labels.shape}: expected ({len(self.texts)},), one a text, or "
                f"({len(self.texts)}, classes)"
            )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def multilabel(self) -> bool:
        """Whether a document may have any number of labels."""
        return self.labels.ndim == 2

    def class_counts(self, classes: int) -> NDArray[np.int64]:
        """Return the number of documents with each label, (classes,)."""
        if self.multilabel:
            return np.asarray(self.labels.sum(axis=0, dtype=np.int64))
        return np.bincount(self.labels, minlength=classes)

    def take(self, rows: NDArray[np.int64]) -> "Documents":
        """Return the documents with these row numbers, in this order."""
        lines = None if self.lines is None else self.lines[rows]
        texts: Sequence[str]
        if isinstance(self.texts, StoredTexts):
            texts = self.texts.take(rows)
        else:
            texts = [self.texts[row] for row in rows.tolist()]
        return Documents(texts, self.labels[rows], lines=lines)

    def fingerprint(self) -> str:
        """Return the sha256 (hex) of texts and labels in order."""
        if self.known_fingerprint is not None:
            return self.known_fingerprint
        digest = hashlib.sha256()
        for text in self.texts:
            encoded = text.encode("utf-8", "surrogatepass")
            # Lengths keep different lists of texts apart.
            digest.update(len(encoded).to_bytes(8, "little"))
            digest.update(encoded)
        if self.multilabel:
            digest.update(f"{self.labels.shape}".encode())
        digest.update(self.labels.astype("u1" if self.multilabel else "<i4").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set with the same classes in all parts.

    Attributes:
        name: "imdb", "imdb-train", "rotten", or the path it was read from.
        classes: Names of the classes.
        train: Training documents, shuffled in a fixed order (independent of the seed), so that the
            tail can be used for validation.
        test: Test documents; those of tables and folders in the order of their rows.
        description: One line for people: source and split.
        official_test: True only if `test` is the official 25,000 IMDB test reviews.
        validation: Validation documents; None to use the tail of `train`.
        duplicates: Result of `duplicated_rows`, if computed before.
        encoded: Token store of the documents, if read from one; `train` has no texts then.
        columns: Text and label columns, if read from a table.

    Raises:
        DataError: A label is not one of the classes.
        ShapeError: Only some parts have several labels a document.
    """

    name: str
    classes: tuple[str, ...]
    train: Documents
    test: Documents
    description: str
    official_test: bool
    validation: Documents | None = None
    duplicates: NDArray[np.int64] | None = None
    encoded: "TokenStore | None" = None
    columns: "Columns | None" = None

    def __post_init__(self) -> None:
        parts = {"training": self.train, "test": self.test, "validation": self.validation}
        for part, documents in parts.items():
            labels = documents.labels if documents is not None else self.train.labels
            self._check_shape(part, labels)
            if (
                labels.ndim == 1
                and len(labels)
                and not 0 <= labels.min() <= labels.max() < len(self.classes)
            ):
                raise DataError(
                    f"{self.name}: the {part} labels go from {labels.min()} to {labels.max()}; "
                    f"expected 0 to {len(self.classes) - 1}, the classes"
                )

    def _check_shape(self, part: str, labels: Labels) -> None:
        expected = (len(self.classes),) if self.multilabel else ()
        if labels.shape[1:] != expected:
            raise ShapeError(
                f"{self.name}: the {part} labels are {labels.shape}, expected "
                f"{(len(labels), *expected)}"
            )
        if self.multilabel and labels.max(initial=0) > 1:
            raise DataError(f"{self.name}: the {part} labels hold {labels.max()}, expected 0 and 1")

    @property
    def multilabel(self) -> bool:
        """Whether a document may have any number of labels."""
        return self.train.multilabel

    def without_test(self) -> "Dataset":
        """Return a copy without test documents, for a training that must not be scored."""
        empty = Documents([], self.train.labels[:0])
        return replace(self, test=empty, official_test=False, duplicates=np.zeros(0, np.int64))

    def fingerprint(self) -> str:
        """Return the sha256 (hex) of classes, texts and labels in order."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        parts = [*self.classes, self.train.fingerprint(), self.test.fingerprint()]
        if self.validation is not None:
            parts.append(self.validation.fingerprint())
        return hashlib.sha256("\n".join(map(repr, parts)).encode("utf-8")).hexdigest()
