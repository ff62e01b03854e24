"""Compute the next item in a thread while the present one is used."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()


@contextmanager
def prefetch(items: Iterator[T], name: str) -> Iterator[Iterator[T]]:
    """The same items; the next one is computed in a thread called `name` when one is yielded.

    An error is raised where its item is requested. The thread ends with the `with` block, after
    the item that is being computed.
    """
    executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    def prefetched() -> Iterator[T]:
        following = executor.submit(next, items, _END)
        while (item := following.result()) is not _END:
            following = executor.submit(next, items, _END)
            yield item

    try:
        yield prefetched()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
