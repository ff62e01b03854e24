"""The n-grams that end at each word, fast; `hoiquy.nn.kernels.plain.ngrams` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.ngram_table import LONGEST, NgramTable


def find_ngrams(indices: NDArray[np.int32], table: NgramTable) -> NDArray[np.int32]:
    """As `plain.ngrams.find_ngrams`. Raises ShapeError."""
    slots = len(table.keys)
    if indices.ndim != 2 or len(table.rows) != slots or slots < 2 or slots & (slots - 1):
        raise ShapeError(
            f"indices {indices.shape} and a table of {slots} slots: expected (time, batch) and a "
            f"power of two"
        )
    rows = np.zeros((LONGEST - 1, *indices.shape), np.int32)
    compiled.find_ngrams(
        np.ascontiguousarray(indices, np.int32), in_rows(table.keys), in_rows(table.rows),
        int(table.shift), rows,
    )  # fmt: skip
    return rows
