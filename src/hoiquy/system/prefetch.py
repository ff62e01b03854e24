"""Make the next item in a thread while the one before it is used."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()


@contextmanager
def prefetch(items: Iterator[T], name: str) -> Iterator[Iterator[T]]:
    """The same items; each is asked for in a thread, called `name`, when its forerunner is given.

    An error while an item is made comes out where that item is asked for. The thread ends with the
    `with` block, however that ends, when the item under way is made.
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
