"""A batch in parts, one for each process: contiguous shards, computed as those of the whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.distributed.wire import Message
from hoiquy.nn.kernels import Array
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import SHARD_ROWS, ShardPool, shard_slices
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.gradients import dropped, shard_results
from hoiquy.training.state import TrainingState

KIND = "part"


def shares(shards: int, processes: int) -> list[range]:
    """The shards of each process: contiguous, and sizes that differ by one at most.

    None is empty: where there are fewer shards than processes, the last ones have no share.
    """
    busy = min(shards, processes)
    bounds = [shards * number // max(busy, 1) for number in range(busy + 1)]
    return [range(begin, end) for begin, end in pairwise(bounds)]


@dataclass(frozen=True)
class Part:
    """Some shards of a batch of `documents`, and what their random numbers are keyed by."""

    epoch: int
    step: int
    documents: int
    first_shard: int
    is_last: bool
    indices: NDArray[np.int32]  # (rows, time)
    targets: Array  # (rows, classes)

    def message(self) -> Message:
        facts = {key: value for key, value in vars(self).items() if key not in _ARRAYS}
        return Message(KIND, facts, {key: getattr(self, key) for key in _ARRAYS})

    @classmethod
    def read(cls, message: Message) -> "Part":
        """What `message` gave."""
        fields: dict[str, Any] = {**message.facts, **message.arrays}
        return cls(**fields)

    def results(
        self, recipe: Recipe, state: TrainingState, pool: ShardPool
    ) -> Iterator[ShardResult]:
        """Of each shard by itself, in order: loss, correct answers, gradients."""
        settings = recipe.training
        compute = partial(
            state.model.shard_gradients, batch_size=self.documents,
            class_weights=state.class_weights, adversarial_epsilon=settings.adversarial_epsilon,
        )  # fmt: skip
        rng = dropped(settings.seed, self.epoch, self.step)
        return shard_results(compute, self.indices, self.targets, pool, rng, self.first_shard)


_ARRAYS = ("indices", "targets")


def parts_of(batch: Batch, epoch: int, processes: int) -> list[Part]:
    """A batch in parts, at most one for each process."""
    documents, parts = len(batch.rows), []
    for shards in shares(len(shard_slices(documents)), processes):
        rows = slice(SHARD_ROWS * shards.start, SHARD_ROWS * shards.stop)
        is_last = rows.stop >= documents
        arrays = batch.indices[rows], batch.targets[rows]
        parts.append(Part(epoch, batch.step, documents, shards.start, is_last, *arrays))
    return parts
