"""Data-parallel shards on any number of threads, with the same bits.

A batch is split into shards of SHARD_ROWS documents, one thread computes a whole shard, and results
are yielded in shard order, so the bits of a result do not depend on the number of threads.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from hoiquy.errors import InputError
from hoiquy.nn.kernels import recycled_memory
from hoiquy.nn.kernels.processors import available_processors

SHARD_ROWS = 32  # another value would change the rounding of every result

T = TypeVar("T")


def shard_slices(rows: int, size: int = SHARD_ROWS) -> list[slice]:
    """The shards of a batch of `rows` documents, of `size` documents each but the last."""
    return [slice(i, min(i + size, rows)) for i in range(0, rows, size)]


def default_threads() -> int:
    """HOIQUY_THREADS, or the CPUs that this process may use. Raises InputError."""
    setting = os.environ.get("HOIQUY_THREADS", "")
    if not setting:
        return available_processors()
    if not re.fullmatch("[1-9][0-9]{0,3}", setting, re.ASCII):
        raise InputError(f"HOIQUY_THREADS={setting!r}: expected a number of threads, 1 or more")
    return int(setting)


def _no_warnings() -> np.errstate:
    """Silence NumPy's overflow warnings: training checks the loss and reports overflow itself."""
    return np.errstate(over="ignore", invalid="ignore")


class ShardPool:
    """Runs a function over the shards of a batch."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    def map(self, function: Callable[[int, slice], T], rows: int) -> Iterator[T]:
        """Yield function(shard number, slice) for every shard, in order."""
        slices = shard_slices(rows)
        return self.starmap(function, list(enumerate(slices)))

    def starmap(self, function: Callable[..., T], tasks: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        """Yield function(*task) for every task, in order."""

        def run(task: tuple[Any, ...]) -> T:
            with _no_warnings():  # threads do not inherit it
                return function(*task)

        if len(tasks) == 1:  # starting a thread would only cost time
            return map(run, tasks)
        return self._executor.map(run, tasks)


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS and LAPACK to one thread within the block: their bits depend on the number.

    Small matrices are also faster: on a busy machine the threads of LAPACK wait for each other,
    and one QR decomposition of 800 x 200 took a hundred times as long.
    """
    return threadpool_limits(1, user_api="blas")  # type: ignore[no-any-return]


@contextmanager
def shard_pool(threads: int | None = None) -> Iterator[ShardPool]:
    """A thread pool with recycled work arrays; BLAS is limited to one thread."""
    executor = ThreadPoolExecutor(threads or default_threads(), thread_name_prefix="shard")
    with one_blas_thread(), recycled_memory(), _no_warnings():
        try:
            yield ShardPool(executor)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
