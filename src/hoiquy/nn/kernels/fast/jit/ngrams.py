"""The n-grams that end at each word; called by `hoiquy.nn.kernels.fast.ngrams`."""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import compiled
from hoiquy.nn.kernels.ngram_table import FIRST_INDEX, INDEX_BITS, LONGEST, MULTIPLIER

_MULTIPLIER, _BITS = np.uint64(MULTIPLIER), np.int64(INDEX_BITS)


@compiled
def find_ngrams(indices: Any, keys: Any, rows_of: Any, shift: Any, rows: Any) -> None:
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
