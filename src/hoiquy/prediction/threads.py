"""Threads for one call: as `nn.shards.shard_pool`, but cheap enough for a single short text.

`threadpool_limits` reads the list of the process's libraries each time, which takes longer than a
short text's prediction. The libraries are looked up once here.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from hoiquy.nn.kernels import recycled_memory
from hoiquy.nn.shards import ShardPool, default_threads

_lock = threading.Lock()
_limits: list[Any] = []  # one for each call in progress; the first one has the limits before


@contextmanager
def prediction_pool() -> Iterator[ShardPool]:
    """As `shard_pool`; several threads of the caller may each have one."""
    with (
        ThreadPoolExecutor(default_threads(), thread_name_prefix="shard") as executor,
        _one_blas_thread(),
        recycled_memory(),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        try:
            yield ShardPool(executor)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last of several overlapping calls ends."""
    with _lock:
        if not _limits:
            _limits.append(_blas().limit(limits=1))
        _limits.append(None)
    try:
        yield
    finally:
        with _lock:
            _limits.pop()
            if len(_limits) == 1:
                _limits.pop().restore_original_limits()


@cache
def _blas() -> ThreadpoolController:
    """NumPy's BLAS; that of a library loaded later computes no prediction."""
    return ThreadpoolController().select(user_api="blas")
