"""Slow work beside the event loop: one call at a time, and a bounded number that waits."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from hoiquy.server.errors import api_error
from hoiquy.server.settings import RETRY_SECONDS

_MAX_WAITING = 64
T = TypeVar("T")


class SerialExecutor:
    """Runs functions that read files or take long in a thread, one after the other."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(1)

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """Return what the function returns. Raises HTTPException 429 if too many calls wait."""
        if self._limiter.statistics().tasks_waiting >= _MAX_WAITING:
            raise api_error(
                429, "too_many_requests", "too many such requests are waiting; try again",
                retry_after=RETRY_SECONDS,
            )  # fmt: skip
        return await to_thread.run_sync(function, *arguments, limiter=self._limiter)
