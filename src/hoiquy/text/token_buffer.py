"""Documents as numbers, written some at a time; see `SpillBuffer` for where they are kept."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.system.spill_buffer import SpillBuffer


class TokenBuffer:
    """Takes the numbers of whole documents, each of which begins with `mark` and has no other."""

    def __init__(self, mark: int = 0) -> None:
        self._mark = mark
        self._numbers = SpillBuffer()
        self._written = 0
        self.documents = 0  # so far
        self._starts: list[NDArray[np.int64]] = []

    def write(self, numbers: NDArray[np.int32]) -> None:
        """Add documents, (tokens,) int32. Raises WriteError as `SpillBuffer.write` does."""
        self._starts.append(self._written + np.flatnonzero(numbers == self._mark))
        self.documents += len(self._starts[-1])
        self._written += len(numbers)
        if len(numbers):  # a memoryview of nothing cannot be cast
            self._numbers.write(numbers.data.cast("B"))

    def finish(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """All numbers, (tokens,), and where documents start, (documents + 1,) up to `tokens`."""
        numbers = np.frombuffer(self._numbers.finish(), np.int32)
        return numbers, np.concatenate([*self._starts, [self._written]]).astype(np.int64)
