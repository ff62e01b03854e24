"""The gradients of a batch, shard by shard, in this process or by workers."""

from collections.abc import Callable, Iterable, Iterator
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
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.state import TrainingState

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
        self.state.update(gradients)


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
    compute = partial(
        model.shard_gradients, batch_size=len(indices), class_weights=class_weights,
        adversarial_epsilon=adversarial_epsilon,
    )  # fmt: skip
    if model.graph.couples_rows:  # a batch is one shard
        for_layer = None if rng is None else partial(rng, 0)
        whole = compute(indices, targets, rng_for_layer=for_layer)
        return with_penalty(model, len(indices), whole)
    results = shard_results(compute, indices, targets, pool, rng)
    return with_penalty(model, len(indices), summed(results))


def shard_results(
    compute: Callable[..., ShardResult],
    indices: NDArray[np.int32],
    targets: Array,
    pool: ShardPool,
    rng: DropoutRngs | None,
    first_shard: int = 0,
) -> Iterator[ShardResult]:
    """Call `compute`, a model's `shard_gradients`, for each shard of rows, in order.

    `first_shard` is the number of the first one in its batch.
    """

    def run(shard: int, rows: slice) -> ShardResult:
        for_layer = None if rng is None else partial(rng, first_shard + shard)
        return compute(indices[rows], targets[rows], rng_for_layer=for_layer)

    return pool.map(run, len(indices))


def summed(results: Iterable[ShardResult]) -> ShardResult:
    """The sum over shards, added in order, as the bits of a sum depend on it."""
    loss_sum, correct = 0.0, 0
    gradients: dict[str, Gradient] = {}
    for result in results:
        loss_sum += result.loss_sum
        correct += result.correct
        add_gradients(gradients, result.gradients)
    return ShardResult(loss_sum, correct, gradients)


def with_penalty(model: Model, batch: int, sums: ShardResult) -> BatchResult:
    """Add the l2 penalty to the sums over all shards of a batch of so many documents."""
    parameters, gradients = model.parameters, sums.gradients
    for name, regularizer in model.penalties.items():
        if name in gradients:
            add_gradient(gradients[name], regularizer.gradient(parameters[name]))
    return BatchResult(sums.loss_sum + batch * model.penalty(), sums.correct, gradients)


def dropout_rngs(seed: int, epoch: int, step: int) -> DropoutRngs:
    """The generators of dropout in a step."""
    return partial(keyed_generator, seed, Purpose.DROPOUT, epoch, step)
