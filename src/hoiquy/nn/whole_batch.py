"""What the calls for the shards of one batch share."""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

from hoiquy.nn.shards import ShardPool, shard_slices

T = TypeVar("T")


class WholeBatch:
    """The size of a batch, and what its shards need but do not have to compute each for itself.

    rows: of the whole batch.
    pool: threads; None: only the one that calls.
    shard_rows: of each shard but the last; by default those of `shard_slices`.
    couples_rows: whether the network does, so that the batch is one shard.
    """

    def __init__(
        self,
        rows: int,
        pool: ShardPool | None = None,
        shard_rows: int | None = None,
        couples_rows: bool = False,
    ) -> None:
        self.rows, self.slices = rows, shard_slices(rows, shard_rows)
        self.shard_rows, self.shards = shard_rows, len(self.slices)
        self.couples_rows = couples_rows
        self._pool = pool if pool is not None and self.shards < pool.threads else None
        self._made: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make` for this key; the other threads wait for the one that calls it."""
        with self._lock:
            future = self._made.get(key)
            is_first = future is None
            if future is None:
                future = self._made[key] = Future()
        if is_first:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
        result: T = future.result()
        return result

    def together(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of independent tasks within a shard, in order.

        They share the threads where the shards are fewer.
        """
        if self._pool is None:
            return [task() for task in tasks]
        return self._pool.together(tasks)
