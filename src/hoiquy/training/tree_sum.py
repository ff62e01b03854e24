"""The sum over the shards of a batch, added in a fixed tree while other shards are computed."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class TreeSum(Generic[T]):
    """Adds neighbours in pairs, then neighbouring sums, and so on, on whatever thread puts them.

    The bits depend on the order of the shards and on nothing else. Few results wait at a time, and
    after the last one little is left to add.

    add: returns the sum of two results; it may change the first one.
    partial: sums of aligned runs of 2**level shards, by (level, first shard / 2**level); those of
        another process, to go on with.
    """

    def __init__(
        self, add: Callable[[T, T], T], partial: dict[tuple[int, int], T] | None = None
    ) -> None:
        self._add = add
        self._lock = Lock()
        self.partial: dict[tuple[int, int], T] = dict(partial or {})

    def put(self, shard: int, result: T) -> None:
        """Add the result of a shard, from 0."""
        self.put_partial((0, shard), result)

    def put_partial(self, place: tuple[int, int], result: T) -> None:
        """Add an entry of another sum's `partial`."""
        level, number = place
        while True:
            with self._lock:
                other = self.partial.pop((level, number ^ 1), None)
                if other is None:
                    self.partial[level, number] = result
                    return
            pair = (other, result) if number % 2 else (result, other)
            result = self._add(*pair)
            level, number = level + 1, number // 2

    def total(self) -> T:
        """The sum of everything, in the order of the shards; at least one has been put."""
        in_order = sorted(self.partial, key=lambda place: place[1] << place[0])
        first, *others = (self.partial[place] for place in in_order)
        for other in others:
            first = self._add(first, other)
        return first
