"""Texts that may exceed memory: stored as UTF-8 and decoded on access."""

from array import array
from collections.abc import Sequence
from pickle import PickleBuffer
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from hoiquy.system.spill_buffer import SpillBuffer


class StoredTexts(Sequence[str]):
    """A sequence of texts; slices and `take` share its bytes.

    content: UTF-8. begins, ends: (texts,) int64, byte offsets of each text.
    """

    def __init__(
        self, content: memoryview, begins: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> None:
        self._content, self._begins, self._ends = content, begins, ends

    def __len__(self) -> int:
        return len(self._begins)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "StoredTexts": ...
    def __getitem__(self, at: int | slice) -> "str | StoredTexts":
        if isinstance(at, slice):
            return StoredTexts(self._content, self._begins[at], self._ends[at])
        return str(self._content[self._begins[at] : self._ends[at]], "utf-8", "surrogatepass")

    def take(self, rows: NDArray[np.int64]) -> "StoredTexts":
        """Return the texts with these row numbers, in this order."""
        return StoredTexts(self._content, self._begins[rows], self._ends[rows])

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle only the bytes of these texts, out of band if the protocol allows it."""
        content = b"".join(map(self._content.__getitem__, map(slice, self._begins, self._ends)))
        ends = np.cumsum(self._ends - self._begins)
        begins = np.concatenate([[0], ends])[:-1]
        return _unpickled, (PickleBuffer(content) if protocol >= 5 else content, begins, ends)


def _unpickled(content: Any, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> StoredTexts:
    return StoredTexts(memoryview(content), begins, ends)


class TextStore:
    """Appends texts to a `SpillBuffer`; `texts` returns them all."""

    def __init__(self) -> None:
        self._buffer = SpillBuffer()
        self._bounds = array("q", [0])

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def append(self, text: str) -> None:
        """Append a text. Raises WriteError as `SpillBuffer.write` does."""
        encoded = text.encode("utf-8", "surrogatepass")
        self._buffer.write(encoded)
        self._bounds.append(self._bounds[-1] + len(encoded))

    def texts(self) -> StoredTexts:
        """Return all texts; nothing may be appended afterwards."""
        bounds = np.array(self._bounds, np.int64)
        return StoredTexts(self._buffer.finish(), bounds[:-1], bounds[1:])
