"""The n-grams that end at each word, fast; `hoiquy.nn.kernels.plain.ngrams` is its definition."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.fast.compiler import compiled
from hoiquy.nn.kernels.ngram_table import (
    FIRST_INDEX,
    INDEX_BITS,
    LONGEST,
    MULTIPLIER,
    NgramTable,
)

_MULTIPLIER, _BITS = np.uint64(MULTIPLIER), np.int64(INDEX_BITS)


def find_ngrams(indices: NDArray[np.int32], table: NgramTable) -> NDArray[np.int32]:
    """As `plain.ngrams.find_ngrams`. Raises ShapeError."""
    slots = len(table.keys)
    if indices.ndim != 2 or len(table.rows) != slots or slots < 2 or slots & (slots - 1):
        raise ShapeError(
            f"indices {indices.shape} and a table of {slots} slots: expected (time, batch) and a "
            f"power of two"
        )
    rows = np.zeros((LONGEST - 1, *indices.shape), np.int32)
    _find(
        np.require(indices, np.int32, ["C", "W"]), in_rows(table.keys), in_rows(table.rows),
        np.uint64(table.shift), rows,
    )  # fmt: skip
    return rows


@compiled
def _find(indices: Any, keys: Any, rows_of: Any, shift: Any, rows: Any) -> None:
    time, batch = indices.shape
    last = np.int64(keys.size - 1)
    for t in range(time):
        for r in range(batch):
            key = np.int64(0)
            for back in range(min(t + 1, LONGEST)):
                word = np.int64(indices[t - back, r])
                if word < FIRST_INDEX:
                    break
                key |= word << (_BITS * np.int64(back))
                if back == 0:
                    continue
                slot = np.int64((np.uint64(key) * _MULTIPLIER) >> shift)
                while keys[slot] != 0:
                    if keys[slot] == key:
                        rows[back - 1, t, r] = rows_of[slot]
                        break
                    slot = (slot + 1) & last
