"""Embedding: a row of numbers for each word."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import ShapeError
from hoiquy.initializers import uniform
from hoiquy.kernels import Array, Mask, kernels_for, work_array
from hoiquy.layers.base import Backward, Gradients, Layer


@dataclass
class Embedding(Layer):
    """Rows of `embeddings` by index.

    Only the rows that an index can reach are kept and trained: the others would get zero
    gradients for ever. `full_rows` is the height that Keras would give it.
    """

    full_rows: int = 0

    @classmethod
    def create(
        cls, name: str, full_rows: int, reachable_rows: int, units: int, rng: Generator,
        dtype: DTypeLike,
    ) -> "Embedding":  # fmt: skip
        embeddings = uniform((min(full_rows, reachable_rows), units), rng, dtype)
        return cls(name, {"embeddings": embeddings}, full_rows=full_rows)

    def output_features(self, features: int) -> int:
        return int(self.parameters["embeddings"].shape[1])

    @property
    def parameter_count(self) -> int:
        return self.full_rows * int(self.parameters["embeddings"].shape[1])

    @property
    def dead_parameter_count(self) -> int:
        return self.parameter_count - self.parameters["embeddings"].size

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        embeddings = self.parameters["embeddings"]
        rows = len(embeddings)
        if x.size and not 0 <= x.min() <= x.max() < rows:
            raise ShapeError(f"{self.name}: indices {x.min()}..{x.max()} leave the {rows} rows")

        def backward(d_y: Array) -> tuple[None, Gradients]:
            scatter_add = kernels_for(embeddings.dtype).embedding_backward
            return None, {"embeddings": scatter_add(x, d_y, rows)}

        if embeddings.dtype != np.float32:
            return embeddings[x], backward
        y = work_array(*x.shape, embeddings.shape[1])
        np.take(embeddings, np.asarray(x, np.intp), axis=0, out=y, mode="clip")  # checked above
        return y, backward
