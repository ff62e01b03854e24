"""Documents as word ranks, and what the options of Keras' `load_data` make of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.keras.errors import KerasError


@dataclass(frozen=True, eq=False)
class WordRanks:
    """Labelled documents; selections share the ranks.

    ranks: (tokens,) int32, rank of each word, 1 for the most frequent.
    begins, ends: (documents,) int64, where each document is in `ranks`.
    labels: (documents,) int64.
    """

    ranks: NDArray[np.int32]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def from_lists(cls, rows: NDArray[Any], labels: Any, source: str) -> "WordRanks":
        """Return rows of ranks in one array. Raises DataError if they are no ranks."""
        try:
            ends = np.cumsum([len(row) for row in rows], dtype=np.int64)
            tokens = int(ends[-1]) if len(ends) else 0
            ranks = np.fromiter(chain.from_iterable(rows), np.int32, tokens)
            numbers = np.asarray(labels).astype(np.int64)
        except (TypeError, ValueError, OverflowError) as error:
            raise DataError(f"{source}: expected lists of word ranks ({error})") from error
        if numbers.shape != (len(rows),) or (tokens and ranks.min() < 0):
            raise DataError(f"{source}: expected ranks from 0 and one label a document")
        return cls(ranks, np.concatenate([[0], ends])[:-1], ends, numbers)

    def take(self, rows: NDArray[np.int64]) -> "WordRanks":
        """Return these documents, in this order."""
        return WordRanks(self.ranks, self.begins[rows], self.ends[rows], self.labels[rows])

    def lengths(self) -> NDArray[np.int64]:
        """The number of words of each document."""
        return self.ends - self.begins

    def documents(self) -> Iterator[NDArray[np.int32]]:
        """Yield the ranks of each document."""
        for begin, end in zip(self.begins.tolist(), self.ends.tolist(), strict=True):
            yield self.ranks[begin:end]

    def largest(self) -> int:
        """The largest rank; 0 without words."""
        return max((int(ranks.max()) for ranks in self.documents() if len(ranks)), default=0)


@dataclass(frozen=True)
class Options:
    """The options of `load_data`; see `hoiquy.keras.datasets.imdb.load_data`."""

    num_words: int | None = None
    skip_top: int = 0
    maxlen: int | None = None
    start_char: int | None = 1
    oov_char: int | None = 2
    index_from: int | None = 3

    def shorter(self, documents: WordRanks) -> WordRanks:
        """Keep the documents of fewer than `maxlen` indices, the start included."""
        if not self.maxlen:
            return documents
        lengths = documents.lengths() + (self.start_char is not None)
        return documents.take(np.flatnonzero(lengths < self.maxlen))

    def limit(self, *parts: WordRanks) -> int:
        """The first index that becomes `oov_char`: `num_words`, or the largest one, as in Keras."""
        if self.num_words:
            return self.num_words
        starts = [] if self.start_char is None else [self.start_char]
        return max([part.largest() + (self.index_from or 0) for part in parts] + starts)

    def lists(self, documents: WordRanks, limit: int) -> NDArray[np.object_]:
        """Return a list of indices for each document, in an array of objects.

        Equal indices share one Python object, so a token takes 8 bytes.
        """
        shift = self.index_from or 0
        kept = [self._kept(rank + shift, limit) for rank in range(documents.largest() + 1)]
        objects = np.array(kept, dtype=object)
        start = [] if self.start_char is None else [self._kept(self.start_char, limit)]
        start = [index for index in start if index is not None]
        lists = np.empty(len(documents), dtype=object)
        for row, ranks in enumerate(documents.documents()):
            indices = objects[ranks].tolist()
            if self.oov_char is None:
                indices = [index for index in indices if index is not None]
            lists[row] = start + indices
        return lists

    def _kept(self, index: int, limit: int) -> int | None:
        return index if self.skip_top <= index < limit else self.oov_char


def shuffled(documents: WordRanks, generator: np.random.RandomState) -> WordRanks:
    """Shuffle as Keras does."""
    order = np.arange(len(documents))
    generator.shuffle(order)
    return documents.take(order)


def check_not_empty(name: str, maxlen: int | None, *parts: WordRanks) -> None:
    """Raise KerasError, a ValueError, if a part has no documents."""
    if not all(len(part) for part in parts):
        raise KerasError(
            f"{name}.load_data: no document has fewer than maxlen={maxlen} indices; increase it"
        )
