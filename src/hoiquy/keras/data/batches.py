"""Sources of batches: arrays, generators, sequences with a length, and other iterables."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.seed import next_seed
from hoiquy.training.arrays import Batch

Raw = tuple[Any, Any, Any]  # x, y and sample weights as a script gave them


def is_batch_source(x: Any) -> bool:
    """Whether x yields batches, instead of being the arrays themselves."""
    if x is None or isinstance(x, list | tuple | Mapping | np.ndarray | str):
        return False
    if hasattr(x, "to_numpy") or hasattr(x, "toarray") or hasattr(x, "__array__"):
        return False
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def unpacked(batch: Any) -> Raw:
    """(x, y, sample weights) of a batch, as Keras unpacks it."""
    if isinstance(batch, list) and len(batch) in (2, 3):
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise KerasError(
            f"a batch has {len(batch)} parts, expected (x,), (x, y) or (x, y, sample_weight)"
        )
    x, y, weights = (*batch, None, None)[:3]
    return x, y, weights


class BatchSource:
    """The batches of an iterable, made uniform one by one.

    Each iteration is one epoch. An iterator continues where the last epoch ended; anything else
    starts anew, in another order if it can be shuffled.
    """

    def __init__(self, source: Any, convert: Callable[[Raw], Batch], shuffle: bool = False) -> None:
        self._source = source
        self._convert = convert
        self._shuffle = shuffle
        self._rng: np.random.Generator | None = None
        self._iterator: Iterator[Any] | None = None
        if hasattr(source, "__next__"):
            self._iterator = iter(source)

    @property
    def is_iterator(self) -> bool:
        """Whether the batches come only once."""
        return self._iterator is not None

    @property
    def is_infinite(self) -> bool:
        """Whether the batches are known to have no end."""
        return getattr(self._source, "is_infinite", False) is True

    def first(self) -> Raw:
        """The first batch, as the script gave it; it is not lost. Raises KerasError."""
        batches = self._iterator if self._iterator is not None else iter(self._raw())
        try:
            batch = next(batches)
        except StopIteration:
            raise KerasError("the generator gave no batch") from None
        if self._iterator is not None:
            self._iterator = chain([batch], self._iterator)
        return unpacked(batch)

    def __len__(self) -> int:
        """The number of batches of an epoch. Raises TypeError where it is unknown."""
        if self._iterator is not None or not hasattr(self._source, "__len__"):
            raise TypeError("the number of batches is unknown")
        return len(self._source)

    def __iter__(self) -> Iterator[Batch]:
        if self._iterator is not None:
            return self
        return (self._convert(unpacked(batch)) for batch in self._raw())

    def __next__(self) -> Batch:
        if self._iterator is None:
            raise TypeError("batches that start anew each epoch need iter()")
        return self._convert(unpacked(next(self._iterator)))

    def _raw(self) -> Iterator[Any]:
        """The batches of one epoch of something that can be read again."""
        source = self._source
        if hasattr(source, "__getitem__") and hasattr(source, "__len__"):
            order = np.arange(len(source))
            if self._shuffle:
                if self._rng is None:
                    self._rng = np.random.default_rng(next_seed())
                self._rng.shuffle(order)
            for position in order:
                yield source[int(position)]
            if hasattr(source, "on_epoch_end"):
                source.on_epoch_end()
        elif hasattr(source, "__iter__"):
            yield from source
        else:
            raise KerasTypeError(f"{type(source).__name__} gives no batches")
