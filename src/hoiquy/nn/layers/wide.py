"""The wide branch: a linear model of the words and n-grams that a document contains."""

from collections.abc import Sequence
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
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.embedding import Embedding
from hoiquy.nn.layers.ngram_embedding import NgramEmbedding
from hoiquy.nn.reserved_indices import FIRST_WORD


class Features(NamedTuple):
    """The distinct features of each document, sorted by document, then by row."""

    document: NDArray[np.int64]  # (found,) position in the batch
    row: NDArray[np.int64]  # (found,) row of the weights


@dataclass
class Wide(Layer):
    """(batch, time) indices → (batch, classes) logits: the sum of the weights of its features.

    `weights` has a row for each word and, with a table, one for each n-gram. Neither the order nor
    the number of occurrences counts (Wang and Manning 2012 found presence better than counts). It
    is the wide branch of Cheng et al. 2016, "Wide & deep learning for recommender systems",
    arXiv:1606.07792.
    """

    word_rows: int = 0  # the rows of n-grams follow
    table: NgramTable | None = None

    @classmethod
    def for_embedding(cls, name: str, embedding: Embedding, classes: int) -> "Wide":
        """Zero weights for the words and n-grams of an embedding, whose table it shares."""
        rows = {key: len(array) for key, array in embedding.parameters.items()}
        weights = np.zeros((sum(rows.values()), classes), embedding.parameters["embeddings"].dtype)
        table = embedding.table if isinstance(embedding, NgramEmbedding) else None
        return cls(name, {"weights": weights}, word_rows=rows["embeddings"], table=table)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((shapes[0][0], self.parameters["weights"].shape[1]),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def find_features(self, x: NDArray[np.int32]) -> Features:
        """The words and n-grams of (batch, time) indices, without padding, start, unknown words."""
        x = x.T
        rows = x[None]
        if self.table is not None:
            dtype = self.parameters["weights"].dtype
            found = kernels_for(dtype).find_ngrams(x, self.table)
            rows = np.concatenate([rows, np.where(found > 0, found + (self.word_rows - 1), 0)])
        sorted_rows = np.sort(rows.reshape(-1, x.shape[1]).T, axis=1)
        is_new = sorted_rows >= FIRST_WORD
        is_new[:, 1:] &= sorted_rows[:, 1:] != sorted_rows[:, :-1]
        document, position = np.nonzero(is_new)
        return Features(document, sorted_rows[document, position].astype(np.int64))

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        weights = self.parameters["weights"]
        document, row = self.find_features(np.asarray(x, np.int32))
        # Summed in float64 in the order of the rows: the same bits in any batch.
        y = np.stack([np.bincount(document, column[row], len(x)) for column in weights.T], axis=1)

        def backward(d_y: Array) -> tuple[None, Gradients]:
            rows, position = np.unique(row, return_inverse=True)
            sums = [np.bincount(position, column[document], len(rows)) for column in d_y.T]
            values = np.stack(sums, axis=1).astype(weights.dtype)
            return None, {"weights": RowGradient(rows, values)}

        return y.astype(weights.dtype), backward
