"""Data-parallel shards on any number of threads, with the same bits.

A batch is split into shards whose size depends on the batch and the network alone, one thread
computes a whole shard, and results are yielded in shard order, so the bits of a result do not
depend on the number of threads.
"""

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

from hoiquy.errors import InputError
from hoiquy.nn.kernels import recycled_memory
from hoiquy.nn.kernels.processors import available_processors

LARGEST_SHARD = 32  # rows, of large batches
_SHARDS, _VECTOR_ROWS, _FEW_ROWS = 16, 8, 4
# What a shard costs beside its rows, as operations of a product: Python, 0.5 ms, and for each
# parameter clearing, unpacking and adding its gradient.
_SHARD_WORK, _PARAMETER_WORK = 1e8, 320

T = TypeVar("T")


def shard_rows(batch: int, work: float = math.inf, parameters: int = 0) -> int:
    """The rows of each shard but the last of a batch of so many rows.

    Large networks and long sequences have 16 shards for as many threads, of 8 rows in a batch of
    128. Where shards would cost more than a tenth of the step, there are fewer, but four or two as
    long as that is faster on two threads. Other sizes would change the rounding of every result.

    work: operations of a training step. parameters: whose gradients each shard computes.
    """
    own = _SHARD_WORK + _PARAMETER_WORK * parameters
    shards = min(work / (10 * own), max(_SHARDS, batch // LARGEST_SHARD))
    if shards < 4:
        shards = 4 if work >= 8 * own else 2 if work >= own else 1
    rows = -(-batch // (1 << int(math.log2(shards))))
    if rows <= _FEW_ROWS and batch <= 4 * _FEW_ROWS:
        return _FEW_ROWS
    rows = -(-rows // _VECTOR_ROWS) * _VECTOR_ROWS
    return min(rows, LARGEST_SHARD) if shards >= _SHARDS else rows


def shard_slices(rows: int, size: int | None = None) -> list[slice]:
    """The shards of a batch of so many rows, of `size` rows each but the last.

    size: by default `shard_rows` of the batch; for a part of a batch, that of the whole batch.
    """
    size = size or shard_rows(rows)
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
    """Threads for the shards of batches, with work arrays that are recycled from batch to batch.

    threads: how many; by default `default_threads`.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or default_threads()
        self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix="shard")
        self._memory = ExitStack()
        self._memory.enter_context(recycled_memory())

    def close(self) -> None:
        """End the threads and free the memory."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._memory.close()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """The settings of this thread and of BLAS while batches are computed."""
        with one_blas_thread(), _no_warnings():
            yield

    def map(
        self, function: Callable[[int, slice], T], rows: int, size: int | None = None
    ) -> Iterator[T]:
        """Yield function(shard number, slice) for every shard of `shard_slices`, in order."""
        return self.starmap(function, list(enumerate(shard_slices(rows, size))))

    def starmap(self, function: Callable[..., T], tasks: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        """Yield function(*task) for every task, in order."""

        def run(task: tuple[Any, ...]) -> T:
            with _no_warnings():  # threads do not inherit it
                return function(*task)

        if len(tasks) == 1:  # starting a thread would only cost time
            return map(run, tasks)
        return self._executor.map(run, tasks)

    def together(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of some tasks, in order; also from within a task of this pool.

        What no thread has begun when the first one ends, this thread computes itself: threads that
        wait for each other cannot occur.
        """

        def run(task: Callable[[], T]) -> T:
            with _no_warnings():
                return task()

        futures = [self._executor.submit(run, task) for task in tasks[1:]]
        try:
            results = [run(task) for task in tasks[:1]]
            for task, future in zip(tasks[1:], futures, strict=True):
                results.append(run(task) if future.cancel() else future.result())
        finally:
            for future in futures:
                future.cancel()
        return results


_blas_lock = Lock()
_blas_limits: list[Any] = []  # one for each block, the first one with the limits before


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS and LAPACK to one thread until the last of several overlapping blocks ends.

    Their bits depend on the number. Small matrices are also faster: on a busy machine the threads
    of LAPACK wait for each other, and one QR decomposition of 800 x 200 took a hundred times as
    long.
    """
    with _blas_lock:
        if not _blas_limits:
            _blas_limits.append(_blas().limit(limits=1))
        _blas_limits.append(None)
    try:
        yield
    finally:
        with _blas_lock:
            _blas_limits.pop()
            if len(_blas_limits) == 1:
                _blas_limits.pop().restore_original_limits()


@cache
def _blas() -> ThreadpoolController:
    """NumPy's BLAS; to look for libraries takes longer than to predict a short text."""
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def shard_pool(threads: int | None = None) -> Iterator[ShardPool]:
    """A pool for the block, in which BLAS is limited to one thread."""
    pool = ShardPool(threads)
    try:
        with pool.computing():
            yield pool
    finally:
        pool.close()
