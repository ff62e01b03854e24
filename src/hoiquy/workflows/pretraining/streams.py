"""Documents one after another in parallel streams, as a language model reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.text import EncodedDocuments
from hoiquy.workflows.pretraining.language_model import BACKWARD

Tokens = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Streams:
    """Documents in some order, cut into streams of equal length; what is left over is not read.

    documents: all documents.
    order: (chosen,) numbers of documents, none of them empty.
    ends: (chosen,) the tokens up to the end of each.
    count: the number of streams.
    """

    documents: EncodedDocuments
    order: NDArray[np.int64]
    ends: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, documents: EncodedDocuments, order: NDArray[np.int64], count: int) -> "Streams":
        """At most `count` streams: fewer where each would have less than two tokens."""
        ends = np.cumsum(documents.lengths[order])
        tokens = int(ends[-1]) if len(ends) else 0
        return cls(documents, order, ends, max(1, min(count, tokens // 2)))

    @property
    def length(self) -> int:
        """The tokens of each stream."""
        return (int(self.ends[-1]) if len(self.ends) else 0) // self.count

    def pieces(self, steps: int) -> int:
        """How many pieces of so many steps a stream has; the last one may be shorter."""
        return -(-(self.length - 1) // steps)

    def piece(self, number: int, steps: int, *, backward: bool) -> Tokens:
        """The tokens of all streams in a piece, and the one that follows, time first.

        Args:
            number: Of the piece, from 0.
            steps: Of a piece.
            backward: Read the streams from their ends.

        Returns:
            (at most steps + 1, streams).
        """
        begin = number * steps
        end = min(begin + steps + 1, self.length)
        if backward:
            begin, end = self.length - end, self.length - begin
        columns = [self._tokens(s * self.length + begin, s * self.length + end) for s in self._all]
        piece = np.stack(columns, axis=1)
        return np.ascontiguousarray(piece[::-1]) if backward else piece

    def pieces_of(self, number: int, steps: int, directions: Iterable[str]) -> dict[str, Tokens]:
        """A piece for each direction, as `piece` gives it."""
        return {name: self.piece(number, steps, backward=name == BACKWARD) for name in directions}

    @property
    def _all(self) -> range:
        return range(self.count)

    def _tokens(self, begin: int, end: int) -> Tokens:
        return np.concatenate([*self._parts(begin, end), np.empty(0, np.int32)])

    def _parts(self, begin: int, end: int) -> Iterator[Tokens]:
        """The tokens from `begin` to `end` of all documents in order, document by document."""
        place = int(np.searchsorted(self.ends, begin, "right"))
        while begin < end:
            until = min(int(self.ends[place]), end)
            document = self.order[place]
            last = int(self.documents.starts[document + 1]) - int(self.ends[place])
            yield np.asarray(self.documents.indices[last + begin : last + until], np.int32)
            begin, place = until, place + 1
