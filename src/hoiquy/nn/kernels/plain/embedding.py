"""The gradient of an embedding lookup; the lookup itself is NumPy's indexing."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def embedding_backward(
    indices: NDArray[np.int32], d_y: Array, rows: int, into: Array | None = None,
    part: tuple[int, int] = (0, 1),
) -> Array:  # fmt: skip
    """Sum d_y (time, batch, units) by row, in the order of the indices → (rows, units).

    into: the result of an earlier call, to which to add in place; None starts with zeros.
    part: (first, every): only to the rows first, first + every, …, so that threads can share it.
    """
    first, every = part
    if every > 1:
        own = indices % every == first
        indices, d_y = indices[own], d_y[own]
    d_embeddings = np.zeros((rows, d_y.shape[-1]), d_y.dtype) if into is None else into
    np.add.at(d_embeddings, indices, d_y)
    return d_embeddings
