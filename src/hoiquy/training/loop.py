"""The epoch loop: batches, their gradients, one Adam step each."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import TrainingError
from hoiquy.events import EpochFinished, Listener, StepFinished, TrainingStarted, ignore
from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Adam, clip_by_global_norm
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.branch_weights import fit_branch_weights
from hoiquy.training.encoding.batches import Rows, assembled, bucketed_batches, random_batches
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.fit_callbacks import NO_CALLBACKS, FitCallbacks
from hoiquy.training.gradient_norms import record_gradients
from hoiquy.training.gradients import OneProcess, Steps, Workers, batch_gradients
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.log_count_ratios import learning_rates
from hoiquy.training.schedules import learning_rate
from hoiquy.training.scoring import Scores, score
from hoiquy.training.state import TrainingState

EXPLODED = 1e4  # times the first loss; no training recovers from that
AfterEpoch = Callable[[dict[str, Array], list[EpochRecord]], None]


class Fitted(Protocol):
    """The result of a training, with any engine."""

    @property
    def history(self) -> list[EpochRecord]: ...

    @property
    def parameters(self) -> dict[str, Array]: ...

    def score(self, split: Split) -> Scores: ...


@dataclass(frozen=True)
class FittedModel:
    """A trained model with its history."""

    model: Model
    history: list[EpochRecord]

    @property
    def parameters(self) -> dict[str, Array]:
        return self.model.arrays

    def score(self, split: Split) -> Scores:
        """Score a split, without dropout."""
        with shard_pool() as pool:
            return score(self.model, split, pool)


def fit(
    recipe: Recipe,
    prepared: Prepared,
    callbacks: FitCallbacks = NO_CALLBACKS,
    *,
    state: TrainingState | None = None,
    threads: int | None = None,
    workers: Workers | None = None,
) -> FittedModel:
    """Train a recipe's model on prepared documents.

    The bits do not depend on the number of threads and workers, or on interruptions.

    Args:
        recipe: with the epochs to train, see `Recipe.for_documents`.
        prepared: its documents.
        callbacks: called with events and after steps.
        state: where to resume; by default a new state.
        threads: by default those of the process, see `default_threads`.
        workers: compute the gradients, if not this process.

    Raises:
        TrainingError: the loss explodes or is not a number.
    """
    settings, on_event = recipe.training, callbacks.on_event
    steps = math.ceil(len(prepared.train) / settings.batch_size)
    with shard_pool(threads) as pool:
        state = state or TrainingState.initial(recipe, prepared)
        if workers is not None and state.model.graph.couples_rows:
            raise TrainingError(
                f"{recipe.name}: batch_normalization needs all rows of a batch in one process: "
                f"train without --workers"
            )
        state.optimizer.lr_multipliers = learning_rates(state.model, prepared)
        finish_compiling(on_event)
        warm_up(state.model, prepared.train, pool)
        in_this_process = nullcontext(OneProcess(recipe, state, pool))
        with workers.start(recipe, state, on_event) if workers else in_this_process as work:
            on_event(TrainingStarted(recipe.name, settings.epochs, steps, len(prepared.train)))
            while not state.is_finished(recipe):
                _run_epoch(recipe, state, prepared, work, pool, callbacks)
        state.restore_best()
        fit_branch_weights(state.model, prepared.validation, pool, _class_shares(recipe, prepared))
    return FittedModel(state.model, state.history)


def _class_shares(recipe: Recipe, prepared: Prepared) -> NDArray[np.float64] | None:
    """(classes,) of the labelled training documents plus one of each class.

    None with class weights, or with outputs that do not add up to 1.
    """
    train = prepared.labelled().train
    if recipe.model.output != "softmax" or recipe.training.class_weight != "none":
        return None
    counts = np.bincount(train.labels, minlength=prepared.classes) + 1
    return np.asarray(counts / counts.sum())


def fit_once(
    recipe: Recipe, prepared: Prepared, state: TrainingState, on_event: Listener = ignore
) -> None:
    """Train one epoch without validation or history, for documents that arrive in batches.

    All weights have one learning rate: a batch may be too small for log-count ratios. Raises
    TrainingError as `fit` does.
    """
    steps = math.ceil(len(prepared.train) / recipe.training.batch_size)
    with shard_pool() as pool:
        finish_compiling(on_event)
        epoch, documents = state.position.epoch, len(prepared.train)
        on_event(TrainingStarted(recipe.name, epoch, steps, documents))
        work = OneProcess(recipe, state, pool)
        _run_steps(recipe, state, prepared.train, work, FitCallbacks(on_event))
    state.next_epoch()


def warm_up(model: Model, split: Split, pool: ShardPool) -> None:
    """Train on one document, so that kernels are compiled before anything is timed."""
    rows = np.zeros(1, np.int64)
    batch_gradients(model, split.indices(rows), split.targets(rows), pool, None)
    scratch = {"warm-up": np.zeros(8, np.float32)}
    Adam(1.0).update(scratch, {"warm-up": np.zeros(8, np.float32)})


def epoch_batches(recipe: Recipe, model: Model, train: Split, epoch: int) -> list[Rows]:
    """The documents of each step of an epoch, by seed and epoch."""
    rng = keyed_generator(recipe.training.seed, Purpose.SHUFFLE, epoch)
    if model.mask_zero:
        return bucketed_batches(train.lengths, recipe.training.batch_size, rng)
    return random_batches(len(train), recipe.training.batch_size, rng)


def _run_epoch(
    recipe: Recipe,
    state: TrainingState,
    prepared: Prepared,
    work: Steps,
    pool: ShardPool,
    callbacks: FitCallbacks,
) -> None:
    """Finish the current epoch, and score the validation documents."""
    start = time.perf_counter() - state.position.train_seconds
    rate = _run_steps(recipe, state, prepared.train, work, callbacks)
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
    callbacks.after_step(state)
    callbacks.on_event(EpochFinished(record, seconds, done.seen / train_seconds))


def _run_steps(
    recipe: Recipe, state: TrainingState, train: Split, work: Steps, callbacks: FitCallbacks
) -> float:
    """Do the remaining steps of the epoch; returns the learning rate of the last one."""
    position, settings, optimizer = state.position, recipe.training, state.optimizer
    start = time.perf_counter() - position.train_seconds
    epoch, batches = position.epoch, epoch_batches(recipe, state.model, train, position.epoch)
    steps = len(batches)
    if settings.max_steps is not None:
        batches = batches[: position.step + settings.max_steps - position.updates]
    with assembled(train, batches, position.step) as following:
        for batch in following:
            step, documents = batch.step, len(batch.rows)
            sums = work.gradients(batch)
            loss = sums.loss_sum / documents
            position.first_loss = loss if position.first_loss is None else position.first_loss
            where = f"at epoch {epoch}, step {step}"
            check_loss(recipe, "loss", loss, where, position.first_loss)
            record_gradients(state, sums.gradients)
            if settings.clip_norm is not None:
                clip_by_global_norm(sums.gradients, settings.clip_norm)
            optimizer.learning_rate = _rate(recipe, state, step, steps)
            work.update(sums.gradients)
            position.step, position.updates = step, optimizer.step
            position.loss_sum += sums.loss_sum
            position.correct += sums.correct
            position.seen += documents
            position.train_seconds = time.perf_counter() - start
            speed = position.seen / position.train_seconds
            mean, accuracy = position.loss_sum / position.seen, position.correct / position.seen
            callbacks.on_event(StepFinished(epoch, step, mean, accuracy, speed))
            callbacks.after_step(state)
            if callbacks.out_of_time(state):
                state.time_is_up = True
                break
    return _rate(recipe, state, position.step, steps)


def _rate(recipe: Recipe, state: TrainingState, step: int, steps: int) -> float:
    """The learning rate of a step (from 1) of the current epoch."""
    epochs_done = state.position.epoch - 1 + (step - 1) / steps
    return learning_rate(recipe.training, epochs_done, state.history)


def check_loss(
    recipe: Recipe, what: str, loss: float, where: str, first_loss: float | None = None
) -> None:
    """Raise TrainingError if the loss is not finite, or far above that of the first step."""
    exploded = first_loss is not None and loss > EXPLODED * max(first_loss, 1.0)
    if exploded or not math.isfinite(loss):
        clipping = "" if recipe.training.clip_norm else ", or clip gradients (training.clip_norm=1)"
        raise TrainingError(
            f"the {what} is {loss:.6g} {where}: try a smaller training.learning_rate than "
            f"{recipe.training.learning_rate}{clipping}"
        )
