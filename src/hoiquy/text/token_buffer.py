"""Collects encoded documents in a `SpillBuffer`."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.system.spill_buffer import SpillBuffer


class TokenBuffer:
    """Collects the tokens of documents; `start_token` begins each one and occurs nowhere else."""

    def __init__(self, start_token: int = 0) -> None:
        self._start_token = start_token
        self._numbers = SpillBuffer()
        self._written = 0
        self.documents = 0  # so far
        self._starts: list[NDArray[np.int64]] = []

    def write(self, numbers: NDArray[np.int32]) -> None:
        """Add documents, (tokens,) int32. Raises WriteError if there is no room."""
        self._starts.append(self._written + np.flatnonzero(numbers == self._start_token))
        self.documents += len(self._starts[-1])
        self._written += len(numbers)
        if len(numbers):  # an empty memoryview cannot be cast
            self._numbers.write(numbers.data.cast("B"))

    def finish(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return all tokens, (tokens,), and where documents start, (documents + 1,) int64."""
        numbers = np.frombuffer(self._numbers.finish(), np.int32)
        return numbers, np.concatenate([*self._starts, [self._written]]).astype(np.int64)
