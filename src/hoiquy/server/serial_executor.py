"""Slow work beside the event loop: one thing at a time, and not too many that wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hoiquy.server.errors import ApiError
from hoiquy.server.limits import RETRY_SECONDS

_MOST_WAITING = 64
T = TypeVar("T")


class Background:
    """A thread for work that takes long or reads files."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting = 0

    async def run(self, function: Callable[[], T]) -> T:
        """What the function returns. Raises ApiError 429 if too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise ApiError(
                429, "too_many_requests", "too many such requests are waiting; try again",
                retry_after=RETRY_SECONDS,
            )  # fmt: skip
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, function)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
