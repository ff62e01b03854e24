"""The largest sums over windows of steps, of rows that are looked up."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def window_maxima(
    indices: NDArray[np.int32], table: Array, windows: int, stride: int = 1, dilation: int = 1
) -> Array:
    """(batch, channels): for each channel the maximum over windows w of the sum over steps k of
    table[indices[w * stride + k * dilation], k], in the order of k.

    indices: (time, batch) rows of the table. table: (rows, steps of a window, channels), finite.
    """
    places = [
        slice(begin, begin + (windows - 1) * stride + 1, stride)
        for begin in range(0, table.shape[1] * dilation, dilation)
    ]
    sums = table[indices[places[0]], 0]
    for step, place in enumerate(places[1:], start=1):
        sums += table[indices[place], step]
    return np.asarray(sums.max(axis=0))
