"""The wide part: a weight for each word and n-gram that a document has, added up."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.nn.kernels import (
    Array,
    Mask,
    NgramTable,
    RowGradient,
    kernels_for,
)
from hoiquy.nn.layers.base import Backward, Gradients, Layer
from hoiquy.nn.layers.embedding import Embedding
from hoiquy.nn.layers.ngram_embedding import NgramEmbedding
from hoiquy.nn.reserved_indices import FIRST_WORD


class Features(NamedTuple):
    """What each document has, each row once: rows rise within a document, documents in order."""

    document: NDArray[np.int64]  # (found,) place in the batch
    row: NDArray[np.int64]  # (found,) of the weights


@dataclass
class Wide(Layer):
    """(time, batch) indices → (batch, classes) logits: the sum of the weights of what is there.

    `weights` has a row for each word and, where there is a table, one for each n-gram. How often a
    word stands in a document, and where, does not count (Wang and Manning 2012 found presence
    better than counts). Beside layers that read in order, it is the wide part of Cheng et al. 2016,
    "Wide & deep learning for recommender systems", arXiv:1606.07792.
    """

    word_rows: int = 0  # rows of words; those of n-grams follow
    table: NgramTable | None = None

    @classmethod
    def for_embedding(cls, name: str, embedding: Embedding, classes: int) -> "Wide":
        """Weights of zero for the words and n-grams of an embedding; it shares their table."""
        rows = {key: len(array) for key, array in embedding.parameters.items()}
        weights = np.zeros((sum(rows.values()), classes), embedding.parameters["embeddings"].dtype)
        table = embedding.table if isinstance(embedding, NgramEmbedding) else None
        return cls(name, {"weights": weights}, word_rows=rows["embeddings"], table=table)

    def output_features(self, features: int) -> int:
        return int(self.parameters["weights"].shape[1])

    @property
    def keeps_time(self) -> bool:
        return False

    def find_features(self, x: NDArray[np.int32]) -> Features:
        """The words and n-grams of (time, batch) indices; padding, starts and unknown words not."""
        rows = x[None]
        if self.table is not None:
            dtype = self.parameters["weights"].dtype
            found = kernels_for(dtype).find_ngrams(x, self.table)
            rows = np.concatenate([rows, np.where(found > 0, found + (self.word_rows - 1), 0)])
        of_document = np.sort(rows.reshape(-1, x.shape[1]).T, axis=1)
        there = of_document >= FIRST_WORD
        there[:, 1:] &= of_document[:, 1:] != of_document[:, :-1]
        document, place = np.nonzero(there)
        return Features(document, of_document[document, place].astype(np.int64))

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        weights = self.parameters["weights"]
        document, row = self.find_features(np.asarray(x, np.int32))
        # Added up in float64 and in the order of the rows: the same bits beside any neighbours.
        y = np.stack(
            [np.bincount(document, of_class[row], x.shape[1]) for of_class in weights.T], axis=1
        )

        def backward(d_y: Array) -> tuple[None, Gradients]:
            rows, place = np.unique(row, return_inverse=True)
            sums = [np.bincount(place, of_class[document], len(rows)) for of_class in d_y.T]
            values = np.stack(sums, axis=1).astype(weights.dtype)
            return None, {"weights": RowGradient(rows, values)}

        return y.astype(weights.dtype), backward
