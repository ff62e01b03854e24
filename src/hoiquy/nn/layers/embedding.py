"""Embedding: a vector for each index."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import DataError
from hoiquy.nn.initializers import Initializer, RandomUniform
from hoiquy.nn.kernels import Array, LookupGradient, Mask, TableRows, kernels_for, work_array
from hoiquy.nn.layers.base import Backward, Context, Gradients, Layer, Shape
from hoiquy.nn.layers.dropout import drop_mask, dropout_factors
from hoiquy.nn.reserved_indices import FIRST_WORD, OUT_OF_VOCABULARY


@dataclass
class Embedding(Layer):
    """Rows of `embeddings` by index: indices (batch, ...) → (batch, ..., output_dim).

    input_dim: the number of rows in Keras; indices are below it. The embedding of a recipe stores
        and trains only the rows that an index can reach: the others would never get a gradient.
    mask_zero: whether index 0 is masked for the layers that follow.
    reached: the rows that training has looked up so far, for the gradients of a shard; None: any.
    word_dropout: the probability that a word is replaced by the unknown word while training (Iyyer
        et al. 2015).
    row_dropout: the probability that a row, and with it a word at all its places in the batch, is
        zero while training; the other rows are scaled up (Gal and Ghahramani 2016; Keras 1).
    """

    input_dim: int = 0
    output_dim: int = 0
    initializer: Initializer = field(default_factory=RandomUniform)
    mask_zero: bool = False
    reached: TableRows | None = field(default=None, repr=False)
    word_dropout: float = 0.0
    row_dropout: float = 0.0

    @classmethod
    def create(
        cls, name: str, input_dim: int, reachable_rows: int, units: int, rng: Generator,
        dtype: DTypeLike, word_dropout: float = 0.0, initial_limit: float = 0.05,
    ) -> "Embedding":  # fmt: skip
        """Initialise the rows uniformly within ± initial_limit (Keras': 0.05)."""
        shape = (min(input_dim, reachable_rows), units)
        initializer = RandomUniform(-initial_limit, initial_limit)
        parameters = {"embeddings": initializer(shape, rng, dtype)}
        return cls(
            name, parameters, input_dim=input_dim, output_dim=units, initializer=initializer,
            word_dropout=word_dropout,
        )  # fmt: skip

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        shape = (self.input_dim, self.output_dim)
        self.add_parameter("embeddings", shape, self.initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((*shapes[0], self.output_dim),)

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return np.not_equal(x, 0) if self.mask_zero else None

    @property
    def couples_rows(self) -> bool:
        return self.row_dropout > 0  # one draw for the whole batch

    @property
    def parameter_count(self) -> int:
        return self.input_dim * self.output_dim

    @property
    def unreachable_parameter_count(self) -> int:
        return self.parameter_count - self.parameters["embeddings"].size

    def forward_within(
        self, context: Context, x: Array, mask: Mask | None
    ) -> tuple[Array, Backward]:
        return self._forward(x, context.rng, of_shard=context.batch is not None)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        return self._forward(x, rng, of_shard=False)

    def _forward(self, x: Array, rng: Generator | None, of_shard: bool) -> tuple[Array, Backward]:
        indices = self._indices(x)
        flat_shape = (len(indices), math.prod(indices.shape[1:]))
        time_first = indices.reshape(flat_shape).swapaxes(0, 1)
        if rng is not None and self.word_dropout > 0:
            drop = drop_mask(time_first.shape, self.word_dropout, rng) & (time_first >= FIRST_WORD)
            time_first = np.where(drop, np.int32(OUT_OF_VOCABULARY), time_first)
        y, backward_time_first = self.look_up(time_first, of_shard)
        units, factors = y.shape[-1], None
        if rng is not None and self.row_dropout > 0:
            rows = self.parameters["embeddings"].shape[:1]
            factors = dropout_factors(rows, self.row_dropout, rng, y)[time_first][..., None]
            y = y * factors

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            d_time_first = d_y.reshape(*flat_shape, units).swapaxes(0, 1)
            return backward_time_first(d_time_first if factors is None else d_time_first * factors)

        return y.swapaxes(0, 1).reshape(*indices.shape, units), backward

    def _indices(self, x: Array) -> NDArray[np.int32]:
        """x as int32. Raises DataError unless it holds whole numbers that have a row."""
        if x.dtype.kind == "f" and not np.array_equal(x, np.floor(x)):
            value = x[np.not_equal(x, np.floor(x))].flat[0]
            raise DataError(
                f"{self.name}: the input holds {value:g}, expected integer indices from 0 to "
                f"{self.input_dim - 1}"
            )
        if x.dtype != np.int32:  # a larger number would wrap around
            self._check_range(x, len(self.parameters["embeddings"]))
        return np.asarray(x, np.int32)

    def look_up(self, x: NDArray[np.int32], of_shard: bool = False) -> tuple[Array, Backward]:
        """(time, batch) indices → (time, batch, units), and the backward pass.

        of_shard: whether to leave it to the caller to add the gradients of the rows.
        """
        embeddings = self.parameters["embeddings"]
        self._check_range(x, len(embeddings))

        def backward(d_y: Array) -> tuple[None, Gradients]:
            if of_shard:
                gradient = LookupGradient(len(embeddings), [(x, d_y)], self.reached)
                return None, {"embeddings": gradient}
            scatter_add = kernels_for(embeddings.dtype).embedding_backward
            return None, {"embeddings": scatter_add(x, d_y, len(embeddings))}

        if embeddings.dtype != np.float32:
            return embeddings[x], backward
        y = work_array(*x.shape, embeddings.shape[1])
        np.take(embeddings, np.asarray(x, np.intp), axis=0, out=y, mode="clip")  # checked above
        return y, backward

    def _check_range(self, x: NDArray[Any], rows: int) -> None:
        """Raise DataError for an index that has no row."""
        if not x.size:
            return
        lowest, highest = x.min(), x.max()
        if lowest < 0:
            raise DataError(f"{self.name}: index {lowest:.0f}, expected 0 to {rows - 1}")
        if highest >= rows:
            advice = f": set input_dim to {highest + 1:.0f} or more" if highest < 2**31 else ""
            raise DataError(f"{self.name}: index {highest:.0f}, expected 0 to {rows - 1}{advice}")
