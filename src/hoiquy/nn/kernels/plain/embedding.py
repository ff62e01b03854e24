"""The gradient of an embedding lookup; the lookup itself is NumPy's indexing."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def embedding_backward(
    indices: NDArray[np.int32], d_y: Array, rows: int, into: Array | None = None
) -> Array:
    """Sum d_y (time, batch, units) by row, in the order of the indices → (rows, units).

    into: the result of an earlier call, to which to add in place; None starts with zeros.
    """
    d_embeddings = np.zeros((rows, d_y.shape[-1]), d_y.dtype) if into is None else into
    np.add.at(d_embeddings, indices, d_y)
    return d_embeddings
