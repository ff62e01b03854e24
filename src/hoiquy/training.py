"""The epoch loop: batches, shards, gradients in order, one Adam step; it tells, never prints."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.batches import Rows, assembled, bucketed_batches, random_batches
from hoiquy.compilation import finish_compiling
from hoiquy.errors import TrainingError
from hoiquy.events import (
    EpochFinished,
    Listener,
    StepFinished,
    TrainingStarted,
    ignore,
)
from hoiquy.gradient_norms import note_gradients
from hoiquy.history import EpochRecord
from hoiquy.inference import Inference
from hoiquy.kernels import Array, Gradient, add_gradient, add_gradients
from hoiquy.keyed_random import Purpose, keyed_generator
from hoiquy.losses import binary_crossentropy, sigmoid
from hoiquy.model import Model, ShardResult
from hoiquy.optimizers import Adam, clip_by_global_norm
from hoiquy.parallel import ShardPool, shard_pool
from hoiquy.preparation import Prepared, Split
from hoiquy.recipe import Recipe
from hoiquy.schedules import learning_rate
from hoiquy.training_state import TrainingState

EXPLODED = 1e4  # times the first loss: no training comes back from there
AfterEpoch = Callable[[dict[str, Array], list[EpochRecord]], None]
AfterStep = Callable[[TrainingState], None]
OutOfTime = Callable[[TrainingState], bool]


def never(state: TrainingState) -> bool:
    """For trainings without a limit of time."""
    return False


@dataclass(frozen=True)
class BatchResult:
    """Sums over the documents of a batch, and the gradients of its mean loss with penalty."""

    loss_sum: float
    correct: int
    gradients: dict[str, Gradient]


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
    after_step: AfterStep | None = None,
    *,
    state: TrainingState | None = None,
    threads: int | None = None,
    out_of_time: OutOfTime = never,
) -> Fitted:
    """Train a recipe's model on prepared documents, from `state` on if it is given.

    `after_step(state)` is called after each step, and again when an epoch is done, before its
    event: whoever saves can save there. Once `out_of_time(state)` is true after a step, that step
    is the last, as with `training.max_steps`. Raises TrainingError when the loss is no longer a
    number, or explodes. The result is the same, bit for bit, for any number of threads, and
    wherever the training was interrupted.
    """
    settings = recipe.training
    steps = math.ceil(len(prepared.train) / settings.batch_size)
    with shard_pool(threads) as pool:
        state = state or TrainingState.beginning(recipe, prepared)
        finish_compiling(on_event)
        warm_up(state.model, prepared.train, pool)
        on_event(TrainingStarted(recipe.name, settings.epochs, steps, len(prepared.train)))
        while not state.is_finished(recipe):
            _run_epoch(recipe, state, prepared, pool, on_event, after_step, out_of_time)
    state.restore_best()
    return Fitted(state.model, state.history)


def fit_once(
    recipe: Recipe, prepared: Prepared, state: TrainingState, on_event: Listener = ignore
) -> None:
    """Go once over the training documents, from `state` on, and validate nothing.

    For documents that come a batch at a time: the pass is an epoch of the state, without a record
    in its history. Raises TrainingError as `fit` does.
    """
    steps = math.ceil(len(prepared.train) / recipe.training.batch_size)
    with shard_pool() as pool:
        finish_compiling(on_event)
        epoch, documents = state.position.epoch, len(prepared.train)
        on_event(TrainingStarted(recipe.name, epoch, steps, documents))
        _run_steps(recipe, state, prepared.train, pool, on_event, None, never)
    state.next_epoch()


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
    class_weights: Array | None = None,
    adversarial_epsilon: float = 0.0,
) -> BatchResult:
    """Gradients of a batch's mean loss plus penalty; `rng(shard, layer)` makes dropout's numbers.

    indices: (batch, time). targets: (batch, classes), one-hot. class_weights: (classes,), what the
    loss of each document is multiplied by; the mean divides by the number of documents.
    adversarial_epsilon: as of `Model.shard_gradients`.
    """
    batch = len(indices)

    def run(shard: int, rows: slice) -> ShardResult:
        for_layer = None if rng is None else partial(rng, shard)
        return model.shard_gradients(
            indices[rows], targets[rows], batch, for_layer, class_weights, adversarial_epsilon
        )

    loss_sum, correct = 0.0, 0
    gradients: dict[str, Gradient] = {}
    for result in pool.map(run, batch):
        loss_sum += result.loss_sum
        correct += result.correct
        add_gradients(gradients, result.gradients)
    parameters = model.parameters
    for name, l2 in model.penalties.items():
        add_gradient(gradients[name], parameters[name].dtype.type(2 * l2) * parameters[name])
    return BatchResult(loss_sum + batch * model.penalty(), correct, gradients)


def score(model: Model, split: Split, pool: ShardPool, batch_size: int = 512) -> Scores:
    """Loss, accuracy and probabilities of every document of a split, in its order."""
    logits = Inference.of(model, split.table.max_length).read(split, pool, batch_size)
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
    state: TrainingState,
    prepared: Prepared,
    pool: ShardPool,
    on_event: Listener,
    after_step: AfterStep | None,
    out_of_time: OutOfTime,
) -> None:
    """Do what is left of the epoch under way, and score the validation documents."""
    start = time.perf_counter() - state.position.train_seconds
    rate = _run_steps(recipe, state, prepared.train, pool, on_event, after_step, out_of_time)
    done = state.position
    train_seconds = time.perf_counter() - start
    scores = score(state.model, prepared.validation, pool)
    where = f"after epoch {done.epoch}"
    check_loss(recipe, "validation loss", scores.loss, where, done.first_loss)
    record = EpochRecord(
        epoch=done.epoch,
        loss=done.loss_sum / done.seen,
        accuracy=done.correct / done.seen,
        val_loss=scores.loss,
        val_accuracy=scores.accuracy,
        learning_rate=rate,
        gradient_norms=done.gradient_norms,
        largest_gradient_norms=done.largest_gradient_norms,
    )
    state.finish_epoch(recipe, record)
    seconds = time.perf_counter() - start
    if after_step is not None:
        after_step(state)
    on_event(EpochFinished(record, seconds, done.seen / train_seconds))


def _run_steps(
    recipe: Recipe,
    state: TrainingState,
    train: Split,
    pool: ShardPool,
    on_event: Listener,
    after_step: AfterStep | None,
    out_of_time: OutOfTime,
) -> float:
    """Do the steps of the epoch that are left; returns the learning rate of the last one."""
    position, settings, optimizer = state.position, recipe.training, state.optimizer
    start = time.perf_counter() - position.train_seconds
    epoch, batches = position.epoch, epoch_batches(recipe, state.model, train, position.epoch)
    steps = len(batches)
    if settings.max_steps is not None:
        batches = batches[: position.step + settings.max_steps - position.updates]
    with assembled(train, batches, position.step) as following:
        for step, rows, indices, targets in following:
            rng = partial(_dropout_generator, settings.seed, epoch, step)
            batch = batch_gradients(
                state.model, indices, targets, pool, rng, state.class_weights,
                settings.adversarial_epsilon,
            )  # fmt: skip
            loss = batch.loss_sum / len(rows)
            position.first_loss = loss if position.first_loss is None else position.first_loss
            where = f"at epoch {epoch}, step {step}"
            check_loss(recipe, "loss", loss, where, position.first_loss)
            note_gradients(state, batch.gradients)
            if settings.clip_norm is not None:
                clip_by_global_norm(batch.gradients, settings.clip_norm)
            optimizer.learning_rate = _rate(recipe, state, step, steps)
            optimizer.update(state.model.parameters, batch.gradients)
            position.step, position.updates = step, optimizer.step
            position.loss_sum += batch.loss_sum
            position.correct += batch.correct
            position.seen += len(rows)
            position.train_seconds = time.perf_counter() - start
            speed = position.seen / position.train_seconds
            mean, right = position.loss_sum / position.seen, position.correct / position.seen
            on_event(StepFinished(epoch, step, mean, right, speed))
            if after_step is not None:
                after_step(state)
            if out_of_time(state):
                state.time_is_up = True
                break
    return _rate(recipe, state, position.step, steps)


def _rate(recipe: Recipe, state: TrainingState, step: int, steps: int) -> float:
    """The learning rate of a step (from 1) of the epoch under way."""
    epochs_done = state.position.epoch - 1 + (step - 1) / steps
    return learning_rate(recipe.training, epochs_done, state.history)


def check_loss(
    recipe: Recipe, what: str, loss: float, where: str, first_loss: float | None = None
) -> None:
    """Raise TrainingError if the loss is no number, or far above that of the first step."""
    exploded = first_loss is not None and loss > EXPLODED * max(first_loss, 1.0)
    if exploded or not math.isfinite(loss):
        clipping = "" if recipe.training.clip_norm else ", or clip gradients (training.clip_norm=1)"
        raise TrainingError(
            f"the {what} is {loss:.6g} {where}: try a smaller training.learning_rate than "
            f"{recipe.training.learning_rate}{clipping}"
        )


def _dropout_generator(seed: int, epoch: int, step: int, shard: int, layer: int) -> Generator:
    return keyed_generator(seed, Purpose.DROPOUT, epoch, step, shard, layer)
