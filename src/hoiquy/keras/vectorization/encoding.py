"""Indices as vectors: one-hot, multi-hot and counts."""

from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.vectorization.ragged import RaggedTensor


def encoded_indices(
    indices: Any, mode: str, depth: int, weights: AnyArray | None = None
) -> AnyArray:
    """Vectors of `depth` numbers, float32; indices outside of it do not count.

    Args:
        indices: Whole numbers, (..., tokens), or a RaggedTensor.
        mode: "one_hot" makes a vector of each index, "multi_hot" and "count" of each row.
        depth: The number of different indices.
        weights: Of the indices, for counts.
    """
    if mode == "one_hot":
        return _one_hot(np.asarray(indices), depth)
    if isinstance(indices, RaggedTensor):
        rows = indices.rows
        shape: tuple[int, ...] = (len(rows),)
    else:
        array = np.atleast_1d(np.asarray(indices))
        shape, rows = array.shape[:-1], list(array.reshape(-1, array.shape[-1]))
    vectors = np.zeros((len(rows), depth), np.float32)
    for i, (vector, row) in enumerate(zip(vectors, rows, strict=True)):
        known = (row >= 0) & (row < depth)
        if mode == "multi_hot":
            vector[row[known]] = 1
        else:
            of_row = None if weights is None else weights.reshape(len(rows), -1)[i][known]
            vector += np.bincount(row[known], of_row, depth).astype(np.float32)
    return vectors.reshape(*shape, depth)


def _one_hot(indices: AnyArray, depth: int) -> AnyArray:
    if indices.ndim > 1 and indices.shape[-1] == 1:
        indices = indices[..., 0]
    return np.equal(indices[..., None], np.arange(depth)).astype(np.float32)


def encoded_shape(shape: Any, mode: str, depth: int | None) -> tuple[int | None, ...]:
    """The shape of `encoded_indices`, batch axis first."""
    if mode == "one_hot":
        kept = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
        return (*kept, depth)
    return (*shape[:-1], depth)


def refuse_range(indices: AnyArray, depth: int, owner: str) -> None:
    """Raise KerasError for an index outside of 0 to depth - 1."""
    if indices.size and not (indices.min() >= 0 and indices.max() < depth):
        wrong = indices[(indices < 0) | (indices >= depth)].flat[0]
        raise KerasError(f"{owner}: the input holds {wrong}, expected 0 to {depth - 1}")
