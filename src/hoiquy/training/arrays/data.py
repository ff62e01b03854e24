"""Batches of arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]


class PaddedRows(np.ndarray[Any, np.dtype[Any]]):
    """Rows (rows, steps) that are filled up to the longest; batches are cut to their longest row.

    lengths: the steps of each row.
    """

    lengths: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, array: AnyArray, lengths: NDArray[np.int64]) -> "PaddedRows":
        """A view of an array."""
        padded = array.view(cls)
        padded.lengths = lengths
        return padded

    def take_rows(self, rows: AnyArray | slice) -> "PaddedRows":
        """Some rows, cut to the longest of them."""
        assert self.lengths is not None
        lengths = self.lengths[rows]
        return self.of(np.asarray(self)[rows, : max(lengths, default=0)], lengths)


class Batch(NamedTuple):
    """Some rows of each input, and of the targets and sample weights of each output.

    targets, weights: None where an output has none.
    """

    inputs: Sequence[AnyArray]
    targets: Sequence[AnyArray | None]
    weights: Sequence[AnyArray | None]

    @property
    def rows(self) -> int:
        return len(self.inputs[0])


class BatchSource(Protocol):
    """Anything that gives the batches of an epoch each time it is iterated."""

    def __iter__(self) -> Iterator[Batch]: ...


@dataclass(frozen=True)
class Arrays:
    """A data set in memory: all rows as one batch."""

    whole: Batch

    @property
    def rows(self) -> int:
        return self.whole.rows

    def take(self, rows: AnyArray | slice) -> Batch:
        """The batch of these rows."""
        inputs, targets, weights = (
            [None if array is None else _some(array, rows) for array in arrays]
            for arrays in self.whole
        )
        return Batch([array for array in inputs if array is not None], targets, weights)

    @property
    def is_padded(self) -> bool:
        """Whether the sizes of a batch depend on its rows."""
        return any(isinstance(array, PaddedRows) for array in self.whole.inputs)

    def batches(self, size: int, order: AnyArray | None = None) -> "InMemoryBatches":
        """Batches of `size` rows, the last one smaller.

        order: of the rows; by default as they are.
        """
        return InMemoryBatches(self, size, order)


def _some(array: AnyArray, rows: AnyArray | slice) -> AnyArray:
    return array.take_rows(rows) if isinstance(array, PaddedRows) else array[rows]


@dataclass(frozen=True)
class InMemoryBatches:
    """The batches of one epoch."""

    data: Arrays
    size: int
    order: AnyArray | None

    def __len__(self) -> int:
        return -(-self.data.rows // self.size)

    def __iter__(self) -> Iterator[Batch]:
        for begin in range(0, self.data.rows, self.size):
            rows = slice(begin, begin + self.size)
            yield self.data.take(rows if self.order is None else self.order[rows])


def shuffled(rows: int, rng: np.random.Generator, block: int | None = None) -> AnyArray:
    """A random order of the rows; with `block`, blocks of so many rows stay together."""
    if block is None:
        return rng.permutation(rows)
    whole = rows // block
    blocks = np.arange(whole * block).reshape(whole, block)
    return np.concatenate([rng.permutation(blocks).ravel(), np.arange(whole * block, rows)])
