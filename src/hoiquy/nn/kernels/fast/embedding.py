"""Embedding gradient, fast; `hoiquy.nn.kernels.plain.embedding` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def embedding_backward(
    indices: NDArray[np.int32], d_y: Array, rows: int, into: Array | None = None,
    part: tuple[int, int] = (0, 1),
) -> Array:  # fmt: skip
    """As `plain.embedding.embedding_backward`, for float32. Raises ShapeError."""
    fits = d_y.ndim == 3 and d_y.shape[:2] == indices.shape and indices.dtype.kind == "i"
    if not fits or d_y.dtype != np.float32:
        raise ShapeError(f"d_y {d_y.shape} {d_y.dtype} does not fit indices {indices.shape}")
    if indices.size and not 0 <= indices.min() <= indices.max() < rows:
        raise ShapeError(f"indices {indices.min()}..{indices.max()}: expected 0..{rows - 1}")
    if into is None:
        into = work_array(rows, d_y.shape[-1])
        into.fill(0)
    if (
        into.shape != (rows, d_y.shape[-1])
        or into.dtype != np.float32
        or not into.flags.c_contiguous
    ):
        raise ShapeError(f"gradients {into.shape} {into.dtype} do not fit {rows} rows and d_y")
    compiled.scatter_add(np.ascontiguousarray(indices, np.int32), in_rows(d_y), into, *part)
    return into
