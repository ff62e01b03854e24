"""N-grams: frequent sequences of two or three words, such as "not good".

They are counted in the encoded training documents, among words of the vocabulary only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.nn.kernels.ngram_table import (
    FIRST_INDEX,
    INDEX_BITS,
    LONGEST,
    MULTIPLIER,
    ngram_keys,
)
from hoiquy.text.padding import EncodedDocuments
from hoiquy.text.sharded_indices import Indices

MOST_WORDS = 1 << INDEX_BITS  # size limit of a vocabulary with n-grams
_BLOCK_TOKENS = 4_000_000
_PASS_NGRAMS = 20_000_000  # n-grams counted in one pass; at most 16 bytes each

Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ngrams:
    """N-grams by descending frequency; ties are ordered by the ranks of their words.

    indices: (n-grams, LONGEST) int32 word indices, right-aligned, padded with 0.
    """

    indices: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.indices)

    @classmethod
    def count(cls, documents: EncodedDocuments, longest: int, min_count: int) -> "Ngrams":
        """N-grams of 2 to `longest` words that occur at least `min_count` times."""
        tokens = len(documents.indices) * (longest - 1)
        passes = -(-tokens // _PASS_NGRAMS) or 1
        found = []
        for number in range(passes):
            keys, counts = _count_pass(documents, longest, number, passes)
            frequent = counts >= min_count
            found.append((keys[frequent], counts[frequent]))
        keys, counts = map(np.concatenate, zip(*found, strict=True))
        return cls(_indices_of(keys[np.lexsort((keys, -counts))]))

    def dump(self, words: Sequence[str]) -> bytes:
        """One n-gram a line in UTF-8, words separated by spaces. words: by rank."""
        lines = (
            " ".join(words[index - FIRST_INDEX] for index in ngram if index) + "\n"
            for ngram in self.indices.tolist()
        )
        return "".join(lines).encode("utf-8", "surrogatepass")

    @classmethod
    def parse(cls, content: bytes, words: Sequence[str], source: str) -> "Ngrams":
        """Read the output of `dump`. Raises DataError, naming the source, if it is damaged."""
        index_of = {word: index for index, word in enumerate(words, FIRST_INDEX)}
        try:
            lines = content.decode("utf-8", "surrogatepass").split("\n")
            rows = [[index_of[word] for word in line.split(" ")] for line in lines[:-1]]
        except (UnicodeDecodeError, KeyError) as error:
            raise DataError(f"{source} is damaged: {error}") from error
        if lines[-1] or any(not 2 <= len(row) <= LONGEST for row in rows):
            raise DataError(f"{source} is damaged: expected 2 to {LONGEST} words a line")
        padded = [[0] * (LONGEST - len(row)) + row for row in rows]
        indices = np.array(padded, np.int32).reshape(-1, LONGEST)
        if len(np.unique(ngram_keys(indices))) < len(indices):
            raise DataError(f"{source} is damaged: it has an n-gram twice")
        return cls(indices)


def _count_pass(
    documents: EncodedDocuments, longest: int, number: int, passes: int
) -> tuple[Keys, NDArray[np.int64]]:
    """The distinct keys of one pass, and how often each occurs.

    Most n-grams are too rare to be kept and may not fit into memory together, so each pass counts a
    share of the keys.
    """
    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for keys in _key_blocks(documents.indices, longest):
        if passes > 1:
            hashes = keys.view(np.uint64) * np.uint64(MULTIPLIER) >> np.uint64(32)
            keys = keys[hashes % np.uint64(passes) == number]
        found.append(np.unique(keys, return_counts=True))
    block_keys, block_counts = map(np.concatenate, zip(*found, strict=True))
    del found
    keys, inverse = np.unique(block_keys, return_inverse=True)
    return keys, np.bincount(inverse, block_counts, len(keys)).astype(np.int64)


def _key_blocks(indices: Indices, longest: int) -> Iterator[Keys]:
    """The keys of all n-grams, in blocks.

    No n-gram spans two documents, since each document begins with a start token.
    """
    for begin in range(0, len(indices), _BLOCK_TOKENS):
        for length in range(2, longest + 1):
            part = indices[begin : begin + _BLOCK_TOKENS + length - 1]
            if len(part) < length:
                continue
            words = np.lib.stride_tricks.sliding_window_view(part, length)
            yield ngram_keys(words[(words >= FIRST_INDEX).all(axis=1)])


def _indices_of(keys: Keys) -> NDArray[np.int32]:
    shifts = np.arange(LONGEST - 1, -1, -1) * INDEX_BITS
    return (keys[:, None] >> shifts & (1 << INDEX_BITS) - 1).astype(np.int32)
