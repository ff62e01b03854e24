"""A hash table from n-grams to rows, with open addressing (linear probing).

An n-gram is two or three consecutive words; its key is one integer of the words' indices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST = 3  # words of an n-gram
INDEX_BITS = 21  # of a word's index: three of them in 63 bits
FIRST_INDEX = 4  # of a word; smaller ones are padding, start and unknown words
MULTIPLIER = 0x9E3779B97F4A7C15  # 2**64 by the golden ratio (Knuth, TAOCP 3, 6.4)
_EMPTY = 0  # never a key: an n-gram has at least two words


class NgramTable(NamedTuple):
    """keys: (slots,) int64, 0 where a slot is empty. rows: (slots,) int32, from 1.

    The number of slots is a power of two, at least twice the number of n-grams. A key is in the
    first slot after its hash that was free, so a search finds it before an empty slot.
    """

    keys: NDArray[np.int64]
    rows: NDArray[np.int32]

    @property
    def shift(self) -> int:
        """The number of bits by which a hash is shifted right to give a slot."""
        return 65 - len(self.keys).bit_length()

    @classmethod
    def of(cls, indices: NDArray[np.int32]) -> "NgramTable":
        """The table of distinct n-grams (n-grams, LONGEST), shorter ones padded with 0 in front.

        The first n-gram has row 1: row 0 means none.
        """
        keys = ngram_keys(indices)
        slots = 1 << max(1, 2 * len(keys) - 1).bit_length()
        table = cls(np.zeros(slots, np.int64), np.zeros(slots, np.int32))
        place = first_slots(keys, table.shift)
        rows = np.arange(1, len(keys) + 1, dtype=np.int32)
        while len(keys):
            # The first key of those with the same free slot takes it; the others try the next slot.
            free = np.flatnonzero(table.keys[place] == _EMPTY)
            _, first = np.unique(place[free], return_index=True)
            placed = free[first]
            table.keys[place[placed]], table.rows[place[placed]] = keys[placed], rows[placed]
            left = np.ones(len(keys), bool)
            left[placed] = False
            keys, rows, place = keys[left], rows[left], (place[left] + 1) % slots
        return table


def ngram_keys(indices: NDArray[np.int32]) -> NDArray[np.int64]:
    """(…, LONGEST) indices, each below 2**INDEX_BITS → (…) keys."""
    keys = np.zeros(indices.shape[:-1], np.int64)
    for word in range(indices.shape[-1]):
        keys = keys << INDEX_BITS | indices[..., word]
    return keys


def first_slots(keys: NDArray[np.int64], shift: int) -> NDArray[np.int64]:
    """The slot where the search for each key begins."""
    hashes = keys.astype(np.uint64) * np.uint64(MULTIPLIER)
    return (hashes >> np.uint64(shift)).astype(np.int64)
