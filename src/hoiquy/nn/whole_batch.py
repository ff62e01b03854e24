"""What the calls for the shards of one batch share."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class WholeBatch:
    """The size of a batch, and what its shards need but do not have to compute each for itself.

    rows: of the whole batch.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
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
