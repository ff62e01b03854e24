"""Large work arrays whose memory is recycled from one training step to the next.

The operating system maps new pages one by one as they are first touched, which costs as much as a
good part of the arithmetic; recycled memory keeps its pages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from hoiquy.nn.kernels.types import Array

# Blocks are powers of two, and a request may take a block up to eight times too large: where every
# shard has another length, the free blocks stay within a small multiple of what one shard needs.
# Untouched pages cost nothing.
_LARGER = 3

_LINE = 16  # numbers of a cache line of 64 bytes

_free: dict[int, list[Array]] = {}  # by the power of two
_users: list[object] = []


class _Loan:
    """A block in use by an array and its views; it is freed when the last of them is deleted."""

    def __init__(self, memory: Array, shape: tuple[int, ...]) -> None:
        self.memory = memory
        self.__array_interface__: dict[str, Any] = {
            **memory.__array_interface__,
            "shape": shape,
        }

    def __del__(self) -> None:
        if _users:
            # list.append and pop are atomic; a lock could deadlock when __del__ runs inside it.
            _free.setdefault(_power(self.memory.size), []).append(self.memory)


@contextmanager
def recycled_memory() -> Iterator[None]:
    """Recycle the memory of `work_array` within the block, then free all of it."""
    user = object()
    _users.append(user)
    try:
        yield
    finally:
        _users.remove(user)
        if not _users:
            _free.clear()


def work_array(*shape: int) -> Array:
    """An uninitialised float32 array that begins at a cache line."""
    size = prod(shape)
    if not _users or size == 0:
        return _aligned(size).reshape(shape)
    power = _power(size)
    for larger in range(power, power + _LARGER + 1):
        try:
            return np.asarray(_Loan(_free[larger].pop(), shape))
        except (KeyError, IndexError):
            pass
    return np.asarray(_Loan(_aligned(1 << power), shape))


def _aligned(size: int) -> Array:
    """Vectors that cross cache lines take two accesses each: products are 5 to 10% slower."""
    wide = np.empty(size + _LINE, np.float32)
    skipped = -(wide.ctypes.data // wide.itemsize) % _LINE
    return wide[skipped : skipped + size]


def _power(size: int) -> int:
    """The exponent of the smallest power of two that holds `size` numbers."""
    return (size - 1).bit_length()
