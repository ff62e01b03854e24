"""Several index arrays, such as memory-mapped files, read as one."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Shards:
    """Slices like one array: a slice within one part is a view, others are copies.

    parts: int32 arrays, (indices,) each.
    """

    ndim = 1

    def __init__(self, parts: Sequence[NDArray[np.int32]]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = list(accumulate(map(len, self._parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, at: slice) -> NDArray[np.int32]:
        begin, end, step = at.indices(len(self))
        if step != 1:
            raise ValueError(f"step {step}: expected 1")
        slices = []
        for number in range(bisect_right(self._ends, begin), len(self._parts)):
            part, offset = self._parts[number], self._ends[number] - len(self._parts[number])
            if offset >= end:
                break
            slices.append(part[max(begin - offset, 0) : end - offset])
        if len(slices) == 1:
            return slices[0]
        return np.concatenate(slices) if slices else np.empty(0, np.int32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self[:], dtype, copy=copy)


Indices = NDArray[np.int32] | Shards
