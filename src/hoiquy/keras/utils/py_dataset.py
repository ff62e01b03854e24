"""PyDataset, also known as Sequence: the base class of data that come batch by batch."""

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """A data set of batches; a subclass defines `__getitem__` and `__len__`.

    `__getitem__(number)` returns a whole batch: (inputs,), (inputs, targets) or (inputs, targets,
    sample_weights). A subclass without `__len__` may define `num_batches` instead; None is endless.

    Args:
        workers: Without effect: batches are read in order in the calling thread.
        use_multiprocessing: Without effect.
        max_queue_size: Without effect.
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return the batch with this number."""
        raise NotImplementedError(f"{type(self).__name__} needs a method __getitem__(self, index)")

    def __iter__(self) -> Iterator[Any]:
        """Yield all batches in order."""
        count = self.num_batches
        numbers = itertools.count() if count is None else range(count)
        return (self[number] for number in numbers)

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None if there is no end."""
        length = getattr(type(self), "__len__", None)
        if length is None:
            raise NotImplementedError(f"{type(self).__name__} needs a method __len__(self)")
        return int(length(self))

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch, for example to shuffle."""


Sequence = PyDataset
