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

    With a vector for each n-gram (Wang and Manning 2012 count n-grams; Joulin et al. 2017 embed
    hashed ones) a recurrent layer gets "not good" as one token. The vectors are zero at first, so
    that an n-gram means the same as its words. A batch uses few of the rows, and `Adam` updates
    only these.
    """

    table: NgramTable | None = None

    @classmethod
    def with_ngrams(cls, words: Embedding, ngrams: NDArray[np.int32]) -> "NgramEmbedding":
        """Add n-grams, (n-grams, LONGEST) indices as in `Ngrams`, to an embedding of words."""
        embeddings = words.parameters["embeddings"]
        rows = np.zeros((len(ngrams), embeddings.shape[1]), embeddings.dtype)
        return cls(
            words.name, {"embeddings": embeddings, "ngrams": rows}, dict(words.penalties),
            dict(words.constraints), trainable=words.trainable, input_dim=words.input_dim,
            output_dim=words.output_dim, initializer=words.initializer, mask_zero=words.mask_zero,
            word_dropout=words.word_dropout, table=NgramTable.of(ngrams),
        )  # fmt: skip

    @property
    def parameter_count(self) -> int:
        return super().parameter_count + self.parameters["ngrams"].size

    @property
    def unreachable_parameter_count(self) -> int:
        return super().parameter_count - self.parameters["embeddings"].size

    def look_up(self, x: NDArray[np.int32], of_shard: bool = False) -> tuple[Array, Backward]:
        ngrams = self.parameters["ngrams"]
        y, backward_words = super().look_up(x, of_shard)
        assert self.table is not None
        rows = kernels_for(ngrams.dtype).find_ngrams(x, self.table)
        for length_rows in rows:
            found = length_rows > 0
            y[found] += ngrams[length_rows[found] - 1]

        def backward(d_y: Array) -> tuple[None, Gradients]:
            _, gradients = backward_words(d_y)
            return None, gradients | {"ngrams": _row_gradient(rows, d_y)}

        return y, backward


def _row_gradient(rows: NDArray[np.int32], d_y: Array) -> RowGradient:
    """rows: (lengths, time, batch), from 1, 0 for none. Sums run length by length, step by step."""
    used, position = np.unique(np.append(rows, 0), return_inverse=True)  # 0 is always the first
    position = position[:-1].reshape(rows.shape).astype(np.int32)
    scatter_add = kernels_for(d_y.dtype).embedding_backward
    values = scatter_add(position[0], d_y, len(used))
    for length_position in position[1:]:
        values += scatter_add(length_position, d_y, len(used))
    return RowGradient(used[1:].astype(np.int64) - 1, values[1:])
