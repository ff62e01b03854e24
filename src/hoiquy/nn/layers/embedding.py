"""Embedding: a vector for each word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.initializers import uniform
from hoiquy.nn.kernels import Array, Mask, kernels_for, work_array
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.dropout import drop_mask
from hoiquy.nn.reserved_indices import FIRST_WORD, OUT_OF_VOCABULARY


@dataclass
class Embedding(Layer):
    """Rows of `embeddings` by index.

    Only rows that an index can reach are stored and trained: the others would never get a gradient.

    full_rows: the number of rows in Keras.
    word_dropout: the probability that a word is replaced by the unknown word while training (Iyyer
        et al. 2015).
    """

    full_rows: int = 0
    word_dropout: float = 0.0

    @classmethod
    def create(
        cls, name: str, full_rows: int, reachable_rows: int, units: int, rng: Generator,
        dtype: DTypeLike, word_dropout: float = 0.0, initial_limit: float = 0.05,
    ) -> "Embedding":  # fmt: skip
        """Initialise the rows uniformly within ± initial_limit (Keras': 0.05)."""
        shape = (min(full_rows, reachable_rows), units)
        embeddings = uniform(shape, rng, dtype, initial_limit)
        parameters = {"embeddings": embeddings}
        return cls(name, parameters, full_rows=full_rows, word_dropout=word_dropout)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((*shapes[0], self.parameters["embeddings"].shape[1]),)

    @property
    def parameter_count(self) -> int:
        return self.full_rows * int(self.parameters["embeddings"].shape[1])

    @property
    def unreachable_parameter_count(self) -> int:
        return self.parameter_count - self.parameters["embeddings"].size

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        indices = np.asarray(x, np.int32).swapaxes(0, 1)
        if rng is not None and self.word_dropout > 0:
            drop = drop_mask(indices.shape, self.word_dropout, rng) & (indices >= FIRST_WORD)
            indices = np.where(drop, np.int32(OUT_OF_VOCABULARY), indices)
        y, backward_time_first = self.look_up(indices)
        return y.swapaxes(0, 1), lambda d_y: backward_time_first(d_y.swapaxes(0, 1))

    def look_up(self, x: NDArray[np.int32]) -> tuple[Array, Backward]:
        """(time, batch) indices → (time, batch, units), and the backward pass."""
        embeddings = self.parameters["embeddings"]
        rows = len(embeddings)
        if x.size and not 0 <= x.min() <= x.max() < rows:
            raise ShapeError(f"{self.name}: indices {x.min()}..{x.max()}, expected 0..{rows - 1}")

        def backward(d_y: Array) -> tuple[None, Gradients]:
            scatter_add = kernels_for(embeddings.dtype).embedding_backward
            return None, {"embeddings": scatter_add(x, d_y, rows)}

        if embeddings.dtype != np.float32:
            return embeddings[x], backward
        y = work_array(*x.shape, embeddings.shape[1])
        np.take(embeddings, np.asarray(x, np.intp), axis=0, out=y, mode="clip")  # checked above
        return y, backward
