"""How many elements a data set has, as TensorFlow counts: INFINITE and UNKNOWN are below zero."""

from collections.abc import Sequence

INFINITE, UNKNOWN = -1, -2


def taken(size: int, count: int) -> int:
    """Of the first `count` elements; below 0 for all."""
    if count < 0 or size == UNKNOWN:
        return size
    return count if size == INFINITE else min(size, count)


def skipped(size: int, count: int) -> int:
    """Without the first `count` elements; below 0 without any."""
    if size < 0:
        return size
    return 0 if count < 0 else max(size - count, 0)


def repeated(size: int, count: int) -> int:
    """Of so many repetitions; below 0 for ever."""
    if size == 0 or count == 0:
        return 0
    if count < 0:
        return INFINITE
    return size if size < 0 else size * count


def batched(size: int, batch_size: int, drop_remainder: bool) -> int:
    """Of batches."""
    if size < 0:
        return size
    return size // batch_size if drop_remainder else -(-size // batch_size)


def together(sizes: Sequence[int]) -> int:
    """Of data sets that are iterated together: of the shortest."""
    if UNKNOWN in sizes:
        return UNKNOWN
    return min((size for size in sizes if size != INFINITE), default=INFINITE)


def one_after_another(size: int, other: int) -> int:
    """Of one data set and then another."""
    if INFINITE in (size, other):
        return INFINITE
    return UNKNOWN if UNKNOWN in (size, other) else size + other
