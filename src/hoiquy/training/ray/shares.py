"""The share of a batch that each worker of a data-parallel training computes."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import ShardPool, shard_slices
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.gradients import add_shards, dropout_rngs
from hoiquy.training.state import TrainingState
from hoiquy.training.tree_sum import TreeSum


@dataclass(frozen=True)
class Share:
    """Contiguous shards of a batch, with what keys their random numbers.

    Attributes:
        epoch: The current epoch, from 1.
        step: The step of the epoch, from 1.
        documents: The number of documents in the whole batch.
        shard_rows: Those of each of its shards but the last.
        first_shard: The number of the first shard in the batch, from 0.
        indices: (rows, time) int32, the word indices.
        targets: (rows, classes), the target probabilities.
    """

    epoch: int
    step: int
    documents: int
    shard_rows: int
    first_shard: int
    indices: NDArray[np.int32]
    targets: Array

    def sums(self, recipe: Recipe, state: TrainingState, pool: ShardPool) -> TreeSum[ShardResult]:
        """Compute and add loss and gradients of the shards."""
        settings = recipe.training
        compute = partial(
            state.model.shard_gradients, class_weights=state.class_weights,
            adversarial_epsilon=settings.adversarial_epsilon,
        )  # fmt: skip
        rng = dropout_rngs(settings.seed, self.epoch, self.step)
        documents = self.indices, self.targets
        batch = WholeBatch(self.documents, None, self.shard_rows)
        return add_shards(compute, documents, pool, rng, batch, self.first_shard)


def shard_ranges(shards: int, workers: int) -> list[range]:
    """Divide shards into contiguous ranges whose sizes differ by one at most.

    No range is empty: with fewer shards than workers, there is one range for each shard.
    """
    busy = min(shards, workers)
    bounds = [shards * number // max(busy, 1) for number in range(busy + 1)]
    return [range(begin, end) for begin, end in pairwise(bounds)]


def shares_of(batch: Batch, epoch: int, workers: int, shard_rows: int) -> list[Share]:
    """Divide a batch between its shards, into at most one share for each worker."""
    documents, shares = len(batch.rows), []
    slices = shard_slices(documents, shard_rows)
    for shards in shard_ranges(len(slices), workers):
        rows = slice(slices[shards[0]].start, slices[shards[-1]].stop)
        arrays = batch.indices[rows], batch.targets[rows]
        shares.append(Share(epoch, batch.step, documents, shard_rows, shards.start, *arrays))
    return shares
