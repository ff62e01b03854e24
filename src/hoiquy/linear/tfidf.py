"""Documents as sparse rows of TF-IDF weights of their n-grams.

The weight of an n-gram that occurs c times in a document is (1 + log c) · idf, or idf if counts do
not matter, with idf = 1 + log((1 + documents) / (1 + documents with it)); each row has length 1.
These are scikit-learn's `TfidfVectorizer` with `sublinear_tf=True` or `binary=True`, and Salton &
Buckley 1988, "Term-weighting approaches in automatic text retrieval".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.ngram_keys import Keys, Occurrences, keys_of, rows_of


@dataclass(frozen=True, eq=False)
class Tfidf:
    """The n-grams that count, with their weights.

    Attributes:
        keys: (n-grams,) uint64, ascending.
        idf: (n-grams,) float32.
    """

    keys: Keys
    idf: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def fit(
        cls, blocks: Iterable[Occurrences], documents: int, min_documents: int, most: int
    ) -> "Tfidf":
        """Choose n-grams by the number of training documents that have them.

        Args:
            blocks: Of the training documents, each in one block.
            documents: Their number.
            min_documents: An n-gram must be in so many.
            most: The largest number of n-grams; the rarest are left out first, and of equally rare
                ones those with large keys, which are as good as random.
        """
        keys, counts = _document_counts(blocks)
        kept = counts >= min_documents
        if kept.sum() > most:
            threshold = np.sort(counts)[-most]
            kept = counts > threshold
            equal = np.flatnonzero(counts == threshold)
            kept[equal[: most - int(kept.sum())]] = True
        idf = 1 + np.log((1 + documents) / (1 + counts[kept]))
        return cls(keys[kept], idf.astype(np.float32))

    def transform(self, found: Occurrences, documents: int, binary: bool = False) -> Any:
        """The rows of documents, a `scipy.sparse.csr_matrix` (documents, n-grams) of float32.

        n-grams that do not count are left out. binary: see `NgramSettings`.
        """
        from scipy import sparse

        pairs, counts = _counted(np.sort(found))
        column, known = self._columns(keys_of(pairs))
        row, column = rows_of(pairs)[known], column[known]
        values = self.idf[column] * (1.0 if binary else 1 + np.log(counts[known]))
        lengths = np.sqrt(np.bincount(row, values * values, documents))
        values = (values / lengths[row]).astype(np.float32)
        shape = (documents, len(self.keys))
        # Sorted by column: in each row, too, so sums do not depend on the other documents.
        return sparse.csr_matrix((values, (row, column)), shape=shape)

    def _columns(self, key: Keys) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The column of each key, and whether it has one. key: ascending."""
        is_new = _differs_from_the_one_before(key)
        different = key[is_new]
        column = np.searchsorted(self.keys, different).astype(np.int32)
        column[column == len(self.keys)] = 0
        known = self.keys[column] == different if len(self) else np.zeros(len(column), bool)
        number = np.cumsum(is_new) - 1
        return column[number], known[number]


def _document_counts(blocks: Iterable[Occurrences]) -> tuple[Keys, NDArray[np.int64]]:
    """The different keys, ascending, and the number of documents with each."""
    keys, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for block in blocks:
        pairs, _ = _counted(np.sort(block))  # a document counts once
        of_block, documents = _counted(keys_of(pairs))
        keys.append(of_block)
        counts.append(documents)
    joined = np.concatenate(keys)
    if not len(joined):
        return joined, counts[0]
    order = np.argsort(joined)
    joined = joined[order]
    starts = np.flatnonzero(_differs_from_the_one_before(joined))
    return joined[starts], np.add.reduceat(np.concatenate(counts)[order], starts)


def _counted(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The different ones of ascending values, and how often each occurs."""
    starts = np.flatnonzero(_differs_from_the_one_before(values))
    return values[starts], np.diff(np.append(starts, len(values)))


def _differs_from_the_one_before(values: NDArray[Any]) -> NDArray[np.bool_]:
    differs = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    return differs
