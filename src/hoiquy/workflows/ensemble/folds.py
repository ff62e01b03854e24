"""Which documents each model of an ensemble holds out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.text_key import text_key

Rows = NDArray[np.int64]
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Folds:
    """The fold that holds out each training document.

    Attributes:
        number: (documents,) int64, from 0; -1 for documents that are always trained on.
        count: The number of folds.
    """

    number: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, documents: Documents) -> "Folds":
        """Five folds, or fewer of very few documents, with equal shares of each class.

        Texts that differ in white space only share a fold, unless there are no other texts. Every
        fold has documents to train on and to hold out.
        """
        count = max(2, min(_FOLDS, len(documents) // 2))
        fold_of: dict[bytes, int] = {}
        seen: dict[bytes, int] = {}
        number = np.zeros(len(documents), np.int64)
        for row, (text, label) in enumerate(zip(documents.texts, documents.labels, strict=True)):
            key, own = text_key(text), label.tobytes()
            if key not in fold_of:
                # Each class starts at another fold, so that classes of few documents fill all.
                seen.setdefault(own, len(seen))
                fold_of[key] = seen[own] % count
                seen[own] += 1
            number[row] = fold_of[key]
        if len(set(fold_of.values())) < 2:
            return cls(np.arange(len(documents)) % count, count)
        used, number = np.unique(number, return_inverse=True)
        return cls(number.astype(np.int64), len(used))

    @classmethod
    def single(cls, trained: int, held_out: int) -> "Folds":
        """One fold that holds out the last documents."""
        return cls(np.repeat(np.array([-1, 0]), [trained, held_out]), 1)

    @property
    def finally_trained(self) -> Rows:
        """The rows that a model of all documents is trained on."""
        return np.flatnonzero(self.number < 0) if self.count == 1 else np.arange(len(self.number))

    def trained(self, fold: int) -> Rows:
        """The rows that models of a fold are trained on."""
        return np.flatnonzero(self.number != fold)

    def held_out(self, fold: int) -> Rows:
        """The rows that models of a fold are not trained on."""
        return np.flatnonzero(self.number == fold)


def documents_and_folds(dataset: Dataset) -> tuple[Documents, Folds]:
    """All documents that may be trained on. Those of a validation table are the only fold."""
    validation = dataset.validation
    if validation is None or not len(validation):
        return dataset.train, Folds.of(dataset.train)
    texts = [*dataset.train.texts, *validation.texts]
    labels = np.concatenate([dataset.train.labels, validation.labels])
    return Documents(texts, labels), Folds.single(len(dataset.train), len(validation))
