"""N-grams: runs of two or three words that are frequent enough to be known on their own.

"not good" is one that reads otherwise than its words. They are counted in the encoded training
documents, and only between words that the vocabulary keeps.
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

MOST_WORDS = 1 << INDEX_BITS  # that may be kept where there are n-grams
_TOKENS_AT_ONCE = 4_000_000
_COUNTED_AT_ONCE = 20_000_000  # n-grams; they take 16 bytes each if all are different

Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ngrams:
    """indices: (n-grams, LONGEST) int32 of words, the last word last, 0 before shorter ones.

    The most frequent comes first; of equally frequent ones that of the more frequent words.
    """

    indices: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.indices)

    @classmethod
    def count(cls, documents: EncodedDocuments, longest: int, min_count: int) -> "Ngrams":
        """Those of 2 to `longest` words that stand at least `min_count` times in the documents."""
        tokens = len(documents.indices) * (longest - 1)
        passes = -(-tokens // _COUNTED_AT_ONCE) or 1
        found = []
        for number in range(passes):
            keys, counts = _counted(documents, longest, number, passes)
            frequent = counts >= min_count
            found.append((keys[frequent], counts[frequent]))
        keys, counts = map(np.concatenate, zip(*found, strict=True))
        return cls(_indices_of(keys[np.lexsort((keys, -counts))]))

    def dump(self, words: Sequence[str]) -> bytes:
        """An n-gram a line, its words with spaces between them, in UTF-8. words: by rank."""
        lines = (
            " ".join(words[index - FIRST_INDEX] for index in ngram if index) + "\n"
            for ngram in self.indices.tolist()
        )
        return "".join(lines).encode("utf-8", "surrogatepass")

    @classmethod
    def parse(cls, content: bytes, words: Sequence[str], source: str) -> "Ngrams":
        """Read what `dump` gave. Raises DataError, naming the source, if it is damaged."""
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
            raise DataError(f"{source} is damaged: an n-gram is there twice")
        return cls(indices)


def _counted(
    documents: EncodedDocuments, longest: int, number: int, passes: int
) -> tuple[Keys, NDArray[np.int64]]:
    """The different keys of a pass, and how often each is there.

    Nearly all of what is counted is too rare to be kept, and there may be more of it than memory
    holds: so each pass counts a share of the keys.
    """
    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for some in _keys_in_parts(documents.indices, longest):
        if passes > 1:
            hashes = some.view(np.uint64) * np.uint64(MULTIPLIER) >> np.uint64(32)
            some = some[hashes % np.uint64(passes) == number]
        found.append(np.unique(some, return_counts=True))
    every, times = map(np.concatenate, zip(*found, strict=True))
    del found
    keys, place = np.unique(every, return_inverse=True)
    return keys, np.bincount(place, times, len(keys)).astype(np.int64)


def _keys_in_parts(indices: Indices, longest: int) -> Iterator[Keys]:
    """The keys of all n-grams, some millions after the others.

    None reaches from one document into the next: each begins with a mark that is no word.
    """
    for begin in range(0, len(indices), _TOKENS_AT_ONCE):
        for length in range(2, longest + 1):
            part = indices[begin : begin + _TOKENS_AT_ONCE + length - 1]
            if len(part) < length:
                continue
            words = np.lib.stride_tricks.sliding_window_view(part, length)
            yield ngram_keys(words[(words >= FIRST_INDEX).all(axis=1)])


def _indices_of(keys: Keys) -> NDArray[np.int32]:
    shifts = np.arange(LONGEST - 1, -1, -1) * INDEX_BITS
    return (keys[:, None] >> shifts & (1 << INDEX_BITS) - 1).astype(np.int32)
