"""The n-grams that end at each word."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.ngram_table import (
    FIRST_INDEX,
    LONGEST,
    NgramTable,
    first_slots,
    ngram_keys,
)


def find_ngrams(indices: NDArray[np.int32], table: NgramTable) -> NDArray[np.int32]:
    """(time, batch) indices → (LONGEST - 1, time, batch) rows: of bigrams, then of trigrams.

    A row is 0 where the n-gram is not in the table, would begin before the first step or has an
    index below FIRST_INDEX.
    """
    words = np.zeros((*indices.shape, LONGEST), np.int32)
    rows = np.zeros((LONGEST - 1, *indices.shape), np.int32)
    words[..., -1] = indices
    for length in range(2, LONGEST + 1):
        words[length - 1 :, :, LONGEST - length] = indices[: len(indices) - length + 1]
        whole = (words[..., LONGEST - length :] >= FIRST_INDEX).all(axis=-1)
        rows[length - 2][whole] = _rows_of(ngram_keys(words[whole]), table)
    return rows


def _rows_of(keys: NDArray[np.int64], table: NgramTable) -> NDArray[np.int32]:
    rows, place = np.zeros(len(keys), np.int32), first_slots(keys, table.shift)
    left = np.arange(len(keys))
    while len(left):
        found = table.keys[place[left]]
        is_key = found == keys[left]
        rows[left[is_key]] = table.rows[place[left[is_key]]]
        left = left[np.logical_not(is_key) & (found != 0)]
        place[left] = (place[left] + 1) % len(table.keys)
    return rows
