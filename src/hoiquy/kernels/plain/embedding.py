"""The gradient of an embedding lookup; the lookup itself is NumPy's indexing."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.kernels.types import Array


def embedding_backward(indices: NDArray[np.int32], d_y: Array, rows: int) -> Array:
    """Add up d_y (time, batch, units) by row, in the order of the indices: (rows, units)."""
    d_embeddings = np.zeros((rows, d_y.shape[-1]), d_y.dtype)
    np.add.at(d_embeddings, indices, d_y)
    return d_embeddings
