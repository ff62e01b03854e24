"""The epoch loop: batches, shards, gradients in order, one Adam step; it tells, never prints."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.batches import Rows, assembled, bucketed_batches, random_batches, scoring_batches
from hoiquy.compilation import finish_compiling
from hoiquy.errors import TrainingError
from hoiquy.events import (
    EpochFinished,
    Listener,
    StepFinished,
    TrainingStarted,
    ignore,
)
from hoiquy.history import EpochRecord
from hoiquy.inference import Inference
from hoiquy.kernels import Array
from hoiquy.keyed_random import Purpose, keyed_generator
from hoiquy.losses import binary_crossentropy, sigmoid
from hoiquy.model import Model, ShardResult, build_model
from hoiquy.optimizers import Adam
from hoiquy.parallel import ShardPool, shard_pool
from hoiquy.preparation import Prepared, Split
from hoiquy.recipe import Recipe

AfterEpoch = Callable[[dict[str, Array], list[EpochRecord]], None]


@dataclass(frozen=True)
class BatchResult:
    """Sums over the documents of a batch, and the gradients of its mean loss with penalty."""

    loss_sum: float
    correct: int
    gradients: dict[str, Array]


@dataclass(frozen=True)
class Scores:
    """What scoring a split gives."""

    loss: float  # with the l2 penalty, as Keras reports it
    accuracy: float
    probabilities: NDArray[np.float32]  # (documents, classes)


@dataclass(frozen=True)
class Fitted:
    """A trained model with its history."""

    model: Model
    history: list[EpochRecord]

    @property
    def parameters(self) -> dict[str, Array]:
        return self.model.parameters

    def score(self, split: Split) -> Scores:
        """Score a split; nothing is dropped."""
        with shard_pool() as pool:
            return score(self.model, split, pool)


def fit(
    recipe: Recipe,
    prepared: Prepared,
    on_event: Listener = ignore,
    after_epoch: AfterEpoch | None = None,
    threads: int | None = None,
) -> Fitted:
    """Train a recipe's model on prepared documents.

    `after_epoch(parameters, history)` is called when an epoch is done, before its event: whoever
    saves can save there. Raises TrainingError when the loss is no longer a number. The result is
    the same, bit for bit, for any number of threads.
    """
    settings = recipe.training
    optimizer = Adam(settings.learning_rate)
    history: list[EpochRecord] = []
    steps = math.ceil(len(prepared.train) / settings.batch_size)
    with shard_pool(threads) as pool:
        model = build_model(
            recipe,
            vocabulary_size=len(prepared.vocabulary.words),
            classes=prepared.classes,
            seed=settings.seed,
        )
        finish_compiling(on_event)
        warm_up(model, prepared.train, pool)
        on_event(TrainingStarted(recipe.name, settings.epochs, steps, len(prepared.train)))
        for epoch in range(1, settings.epochs + 1):
            record = _run_epoch(recipe, model, optimizer, prepared, epoch, pool, on_event)
            history.append(record)
            if after_epoch is not None:
                after_epoch(model.parameters, history)
            on_event(EpochFinished(record))
    return Fitted(model, history)


def warm_up(model: Model, split: Split, pool: ShardPool) -> None:
    """Run one document through, so that kernels are compiled before anything is timed."""
    rows = np.zeros(1, np.int64)
    batch_gradients(model, split.indices(rows), split.targets(rows), pool, None)
    scratch = {"warm-up": np.zeros(8, np.float32)}
    Adam(1.0).update(scratch, {"warm-up": np.zeros(8, np.float32)})


def batch_gradients(
    model: Model,
    indices: NDArray[np.int32],
    targets: Array,
    pool: ShardPool,
    rng: Callable[[int, int], Generator] | None,
) -> BatchResult:
    """Gradients of a batch's mean loss plus penalty; `rng(shard, layer)` makes dropout's numbers.

    indices: (batch, time). targets: (batch, classes), one-hot.
    """
    batch = len(indices)

    def run(shard: int, rows: slice) -> ShardResult:
        for_layer = None if rng is None else partial(rng, shard)
        return model.shard_gradients(indices[rows], targets[rows], batch, for_layer)

    loss_sum, correct = 0.0, 0
    gradients: dict[str, Array] = {}
    for result in pool.map(run, batch):
        loss_sum += result.loss_sum
        correct += result.correct
        if not gradients:
            gradients = result.gradients
            continue
        for name, gradient in result.gradients.items():
            gradients[name] += gradient
    parameters = model.parameters
    for name, l2 in model.penalties.items():
        gradients[name] += parameters[name].dtype.type(2 * l2) * parameters[name]
    return BatchResult(loss_sum + batch * model.penalty(), correct, gradients)


def score(model: Model, split: Split, pool: ShardPool, batch_size: int = 512) -> Scores:
    """Loss, accuracy and probabilities of every document of a split, in its order.

    Documents are read in the order of their lengths: those that are read together then share as
    much of their padding as they can. What is computed of one does not depend on the others.
    """
    inference = Inference.of(model, split.table.max_length)
    logits = np.empty((len(split), split.classes), np.float32)
    with assembled(split, scoring_batches(split.lengths, batch_size)) as batches:
        for batch in batches:

            def run(shard: int, part: slice, indices: NDArray[np.int32] = batch.indices) -> Array:
                return inference.logits(indices[part])

            logits[batch.rows] = np.concatenate(list(pool.map(run, len(batch.rows))))
    losses, _ = binary_crossentropy(logits, split.targets(np.arange(len(split))))
    probabilities = sigmoid(logits)
    return Scores(
        float(losses.mean(dtype=np.float64)) + model.penalty(),
        float((probabilities.argmax(axis=1) == split.labels).mean()),
        probabilities,
    )


def epoch_batches(recipe: Recipe, model: Model, train: Split, epoch: int) -> list[Rows]:
    """The documents of every step of an epoch; seed and epoch alone decide."""
    rng = keyed_generator(recipe.training.seed, Purpose.SHUFFLE, epoch)
    if model.mask_zero:
        return bucketed_batches(train.lengths, recipe.training.batch_size, rng)
    return random_batches(len(train), recipe.training.batch_size, rng)


def _run_epoch(
    recipe: Recipe,
    model: Model,
    optimizer: Adam,
    prepared: Prepared,
    epoch: int,
    pool: ShardPool,
    on_event: Listener,
) -> EpochRecord:
    train = prepared.train
    loss_sum, correct, seen = 0.0, 0, 0
    start = time.perf_counter()
    with assembled(train, epoch_batches(recipe, model, train, epoch)) as batches:
        for step, rows, indices, targets in batches:
            rng = partial(_dropout_generator, recipe.training.seed, epoch, step)
            batch = batch_gradients(model, indices, targets, pool, rng)
            _check_finite(recipe, "loss", batch.loss_sum, f"at epoch {epoch}, step {step}")
            optimizer.update(model.parameters, batch.gradients)
            loss_sum += batch.loss_sum
            correct += batch.correct
            seen += len(rows)
            speed = seen / (time.perf_counter() - start)
            on_event(StepFinished(epoch, step, loss_sum / seen, correct / seen, speed))
    train_seconds = time.perf_counter() - start
    scores = score(model, prepared.validation, pool)
    _check_finite(recipe, "validation loss", scores.loss, f"after epoch {epoch}")
    return EpochRecord(
        epoch=epoch,
        loss=loss_sum / seen,
        accuracy=correct / seen,
        val_loss=scores.loss,
        val_accuracy=scores.accuracy,
        seconds=time.perf_counter() - start,
        documents_per_second=seen / train_seconds,
    )


def _check_finite(recipe: Recipe, what: str, loss: float, where: str) -> None:
    if not math.isfinite(loss):
        raise TrainingError(
            f"the {what} is {loss} {where}: "
            f"try a smaller training.learning_rate than {recipe.training.learning_rate}"
        )


def _dropout_generator(seed: int, epoch: int, step: int, shard: int, layer: int) -> Generator:
    return keyed_generator(seed, Purpose.DROPOUT, epoch, step, shard, layer)
