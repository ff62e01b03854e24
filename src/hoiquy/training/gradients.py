"""The gradients of a batch, shard by shard, in this process or by workers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.events import Listener
from hoiquy.nn.kernels import Array, Gradient, add_gradient, add_gradients
from hoiquy.nn.model import Model, ShardResult
from hoiquy.nn.shards import ShardPool
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.shard_plan import planned_rows
from hoiquy.training.state import TrainingState
from hoiquy.training.tables import with_tables
from hoiquy.training.tree_sum import TreeSum

DropoutRngs = Callable[[int, int], Generator]  # by shard and layer


@dataclass(frozen=True)
class BatchResult:
    """Sums over the documents of a batch, and the gradients of its mean loss with penalty."""

    loss_sum: float
    correct: int
    gradients: dict[str, Gradient]


class Steps(Protocol):
    """Computes the gradients of each batch, and updates the weights with them."""

    def gradients(self, batch: Batch) -> BatchResult:
        """As `batch_gradients`, for a batch of the current epoch."""

    def update(self, gradients: dict[str, Gradient]) -> None:
        """Make one step of the state's optimizer, at its learning rate."""


class Workers(Protocol):
    """Other processes that compute the gradients of a training."""

    def start(
        self, recipe: Recipe, state: TrainingState, on_event: Listener
    ) -> AbstractContextManager[Steps]:
        """Start them with a copy of the state; they end with the context."""


@dataclass
class OneProcess:
    """Steps in this process."""

    recipe: Recipe
    state: TrainingState
    pool: ShardPool

    def gradients(self, batch: Batch) -> BatchResult:
        settings, state = self.recipe.training, self.state
        return batch_gradients(
            state.model, batch.indices, batch.targets, self.pool,
            dropout_rngs(settings.seed, state.position.epoch, batch.step), state.class_weights,
            settings.adversarial_epsilon,
        )  # fmt: skip

    def update(self, gradients: dict[str, Gradient]) -> None:
        self.state.update(gradients, self.pool)


def batch_gradients(
    model: Model,
    indices: NDArray[np.int32],
    targets: Array,
    pool: ShardPool,
    rng: DropoutRngs | None,
    class_weights: Array | None = None,
    adversarial_epsilon: float = 0.0,
) -> BatchResult:
    """Gradients of a batch's mean loss plus penalty.

    Args:
        model: the network.
        indices: (batch, time).
        targets: (batch, classes), one-hot or probabilities.
        pool: threads.
        rng: generators of dropout; None for no dropout.
        class_weights: (classes,) factors of a document's loss; the mean divides by documents.
        adversarial_epsilon: as in `Model.shard_gradients`.
    """
    rows, couples_rows = planned_rows(model.graph, *indices.shape), model.graph.couples_rows
    batch = WholeBatch(len(indices), pool, rows, couples_rows)
    compute = partial(
        model.shard_gradients, class_weights=class_weights, adversarial_epsilon=adversarial_epsilon
    )
    if couples_rows:  # a batch is one shard
        for_layer = None if rng is None else partial(rng, 0)
        return with_penalty(model, compute(indices, targets, batch, for_layer), batch.rows, pool)
    sums = add_shards(compute, (indices, targets), pool, rng, batch)
    return with_penalty(model, sums.total(), batch.rows, pool)


def add_shards(
    compute: Callable[..., ShardResult],
    documents: tuple[NDArray[np.int32], Array],
    pool: ShardPool,
    rng: DropoutRngs | None,
    batch: WholeBatch,
    first_shard: int = 0,
) -> TreeSum[ShardResult]:
    """Call `compute`, a model's `shard_gradients`, for each shard, and add the results.

    Args:
        compute: Takes indices, targets, the batch and the generators of dropout.
        documents: Indices and targets of the whole batch, or of some shards of it.
        pool: Threads.
        rng: Generators of dropout; None for no dropout.
        batch: The whole batch.
        first_shard: The number of the first shard in the batch.
    """
    sums = TreeSum(added)
    indices, targets = documents

    def run(shard: int, rows: slice) -> None:
        for_layer = None if rng is None else partial(rng, first_shard + shard)
        result = compute(indices[rows], targets[rows], batch, for_layer)
        sums.put(first_shard + shard, result)

    for _ in pool.map(run, len(indices), batch.shard_rows):
        pass  # raises the error of a shard
    return sums


def added(one: ShardResult, other: ShardResult) -> ShardResult:
    """The sum of two results, in the arrays of the first."""
    add_gradients(one.gradients, other.gradients)
    return ShardResult(one.loss_sum + other.loss_sum, one.correct + other.correct, one.gradients)


def with_penalty(
    model: Model, sums: ShardResult, batch: int, pool: ShardPool | None = None
) -> BatchResult:
    """Add the l2 penalty to the sums over all shards of a batch of so many documents."""
    parameters, gradients = model.parameters, with_tables(sums.gradients, pool)
    for name, regularizer in model.penalties.items():
        if name in gradients:
            add_gradient(gradients[name], regularizer.gradient(parameters[name]))
    return BatchResult(sums.loss_sum + batch * model.penalty(), sums.correct, gradients)


def dropout_rngs(seed: int, epoch: int, step: int) -> DropoutRngs:
    """The generators of dropout in a step."""
    return partial(keyed_generator, seed, Purpose.DROPOUT, epoch, step)
