"""The documents of each batch, and prefetching of the next batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.system.prefetch import prefetch
from hoiquy.training.encoding.prepared import Split

# Batches in a window sorted by length. In the 4,096 documents of 32 batches of 128, neighbours
# hardly differ in length, while batches still change from epoch to epoch.
WINDOW_BATCHES = 32

Rows = NDArray[np.int64]


class Batch(NamedTuple):
    """The documents of one step, ready to compute."""

    step: int  # from 1
    rows: Rows  # (batch,) document numbers
    indices: NDArray[np.int32]  # (batch, time)
    targets: NDArray[np.float32]  # (batch, classes), one-hot


def random_batches(documents: int, batch_size: int, rng: Generator) -> list[Rows]:
    """Cut a random order of all documents into batches; the last one may be smaller."""
    return _cut(rng.permutation(documents), batch_size)


def bucketed_batches(lengths: NDArray[np.int64], batch_size: int, rng: Generator) -> list[Rows]:
    """Random batches of documents of about equal length, for models that skip padding.

    lengths: (documents,) steps of each. A random order is cut into windows of WINDOW_BATCHES
    batches, each window is sorted by length and cut into batches, and all batches are shuffled, so
    the smaller one may come anywhere. Rows of a batch are sorted by length, which balances its
    shards. Khomenko et al. 2016, "Accelerating recurrent neural network training using sequence
    bucketing".
    """
    order = rng.permutation(len(lengths))
    batches: list[Rows] = []
    for window in _cut(order, WINDOW_BATCHES * batch_size):
        batches += _cut(window[np.argsort(lengths[window], kind="stable")], batch_size)
    return [batches[at] for at in rng.permutation(len(batches))]


def scoring_batches(lengths: NDArray[np.int64], batch_size: int) -> list[Rows]:
    """Every document once, sorted by length: neighbours share as much padding as they can."""
    return _cut(np.argsort(lengths, kind="stable"), batch_size)


@contextmanager
def assembled(split: Split, batches: Sequence[Rows], done: int = 0) -> Iterator[Iterator[Batch]]:
    """Iterate over batches from number `done` on; a thread pads the next one, see `ahead`."""

    def assemble(step: int) -> Batch:
        rows = batches[step - 1]
        return Batch(step, rows, split.indices(rows), split.targets(rows))

    steps = range(done + 1, len(batches) + 1)
    if len(steps) <= 1:
        yield map(assemble, steps)
        return
    with prefetch(map(assemble, steps), "batch") as following:
        yield following


def _cut(rows: Rows, size: int) -> list[Rows]:
    return [rows[begin : begin + size] for begin in range(0, len(rows), size)]
