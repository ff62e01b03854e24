"""Large arrays whose memory is used again, from one training step to the next.

The system hands out fresh pages one by one as they are first touched, which costs as much as a
good part of the arithmetic; memory that comes back keeps its pages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from hoiquy.nn.kernels.types import Array

# Memory comes in powers of two, and a request may take what is up to eight times too large: where
# every shard has another length, what is kept stays within a small multiple of what one shard
# takes. Pages that nobody touches cost nothing.
_LARGER = 3

_free: dict[int, list[Array]] = {}  # by the power of two
_users: list[object] = []


class _Loan:
    """Memory on loan to an array and its views; when the last one is gone, it goes back."""

    def __init__(self, memory: Array, shape: tuple[int, ...]) -> None:
        self.memory = memory
        self.__array_interface__: dict[str, Any] = {
            **memory.__array_interface__,
            "shape": shape,
        }

    def __del__(self) -> None:
        if _users:
            # Appending to a list and popping are atomic: a lock could be met again in here.
            _free.setdefault(_power(self.memory.size), []).append(self.memory)


@contextmanager
def recycled_memory() -> Iterator[None]:
    """Within it, the memory of `work_array` is kept for the next who asks; then all is freed."""
    user = object()
    _users.append(user)
    try:
        yield
    finally:
        _users.remove(user)
        if not _users:
            _free.clear()


def work_array(*shape: int) -> Array:
    """A float32 array of any content."""
    size = prod(shape)
    if not _users or size == 0:
        return np.empty(shape, np.float32)
    power = _power(size)
    for larger in range(power, power + _LARGER + 1):
        try:
            return np.asarray(_Loan(_free[larger].pop(), shape))
        except (KeyError, IndexError):
            pass
    return np.asarray(_Loan(np.empty(1 << power, np.float32), shape))


def _power(size: int) -> int:
    """The least power of two that holds `size` numbers."""
    return (size - 1).bit_length()
