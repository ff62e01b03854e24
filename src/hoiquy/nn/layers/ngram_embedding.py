"""Embedding of words and of the n-grams that end at them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array, NgramTable, RowGradient, kernels_for
from hoiquy.nn.layers.base import Backward, Gradients
from hoiquy.nn.layers.embedding import Embedding


@dataclass
class NgramEmbedding(Embedding):
    """A word's row plus those of the n-grams that end at it, where the vocabulary has them.

    Embedding n-grams by rows of their own (Wang and Manning 2012 count them; Joulin et al. 2017
    embed them, hashed) lets a recurrent layer see "not good" as one thing. The rows begin as
    zeros: an n-gram means what its words mean until it has learnt otherwise. A batch reads few of
    the rows, and only these move: see `Adam`.
    """

    table: NgramTable | None = None

    @classmethod
    def with_ngrams(cls, words: Embedding, ngrams: NDArray[np.int32]) -> "NgramEmbedding":
        """words: the embedding without. ngrams: (n-grams, LONGEST) indices, as of `Ngrams`."""
        embeddings = words.parameters["embeddings"]
        rows = np.zeros((len(ngrams), embeddings.shape[1]), embeddings.dtype)
        return cls(
            words.name, {"embeddings": embeddings, "ngrams": rows}, full_rows=words.full_rows,
            word_dropout=words.word_dropout, table=NgramTable.of(ngrams),
        )  # fmt: skip

    @property
    def parameter_count(self) -> int:
        return super().parameter_count + self.parameters["ngrams"].size

    @property
    def unreachable_parameter_count(self) -> int:
        return super().parameter_count - self.parameters["embeddings"].size

    def look_up(self, x: NDArray[np.int32]) -> tuple[Array, Backward]:
        ngrams = self.parameters["ngrams"]
        y, backward_words = super().look_up(x)
        assert self.table is not None
        rows = kernels_for(ngrams.dtype).find_ngrams(x, self.table)
        for of_length in rows:
            there = of_length > 0
            y[there] += ngrams[of_length[there] - 1]

        def backward(d_y: Array) -> tuple[None, Gradients]:
            _, gradients = backward_words(d_y)
            return None, gradients | {"ngrams": _row_gradient(rows, d_y)}

        return y, backward


def _row_gradient(rows: NDArray[np.int32], d_y: Array) -> RowGradient:
    """rows: (lengths, time, batch), from 1, 0 for none. Sums run length by length, step by step."""
    read, place = np.unique(np.append(rows, 0), return_inverse=True)  # 0 always comes first
    place = place[:-1].reshape(rows.shape).astype(np.int32)
    scatter_add = kernels_for(d_y.dtype).embedding_backward
    values = scatter_add(place[0], d_y, len(read))
    for of_length in place[1:]:
        values += scatter_add(of_length, d_y, len(read))
    return RowGradient(read[1:].astype(np.int64) - 1, values[1:])
