"""The epoch loop of a pretraining."""

import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from hoiquy.errors import TrainingError
from hoiquy.events import Listener, PretrainingEpoch, PretrainingStarted, PretrainingStep, ignore
from hoiquy.nn.kernels import Gradient, add_gradients, gradient_values
from hoiquy.nn.optimizers import Adam, clip_by_global_norm
from hoiquy.nn.shards import LARGEST_SHARD, ShardPool, shard_pool, shard_slices
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import EncodedDocuments, pad
from hoiquy.training.encoding.batches import Rows, bucketed_batches, scoring_batches
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.workflows.pretraining.corpus import Corpus, pretraining_table, rows_of
from hoiquy.workflows.pretraining.language_model import (
    Indices,
    LanguageModel,
    Sums,
    build_language_model,
    perplexity,
)
from hoiquy.workflows.pretraining.negative_samples import NegativeSampler
from hoiquy.workflows.pretraining.state import PretrainingRecord, PretrainingState

_WARM_UP_STEPS = 200  # at most; a tenth of a short pretraining
_FINAL_FRACTION = 0.02  # of the learning rate, at the end

AfterStep = Callable[[PretrainingState], None]


def initial_state(recipe: Recipe, corpus: Corpus) -> PretrainingState:
    """Initial weights, no steps. Raises RecipeError as `build_language_model` does."""
    model = build_language_model(recipe, rows_of(recipe, corpus.vocabulary))
    return PretrainingState(model, Adam(pretraining_table(recipe).learning_rate))


def fit_language_model(
    recipe: Recipe,
    corpus: Corpus,
    state: PretrainingState,
    on_event: Listener = ignore,
    after_step: AfterStep | None = None,
    threads: int | None = None,
) -> None:
    """Train `state` in place, to the end of the last epoch.

    The bits do not depend on the number of threads or on interruptions.

    Args:
        recipe: with `[pretraining]`.
        corpus: the documents.
        state: where to resume.
        on_event: called with each event.
        after_step: called with the state after each step and each epoch.
        threads: by default those of the process.

    Raises:
        TrainingError: the loss is not a number.
    """
    table = pretraining_table(recipe)
    steps = math.ceil(len(corpus.train) / table.batch_size)
    with shard_pool(threads) as pool:
        finish_compiling(on_event)
        on_event(PretrainingStarted(recipe.name, table.epochs, steps, corpus.documents))
        while len(state.history) < table.epochs:
            start = time.perf_counter() - state.position.seconds
            rate = _run_steps(recipe, corpus, state, pool, on_event, after_step)
            done = state.position
            held_out = score_held_out(state.model, corpus, pool)
            loss = done.loss_sum / max(done.targets, 1)
            record = PretrainingRecord(done.epoch, loss, perplexity(held_out), rate)
            state.finish_epoch(record)
            if after_step is not None:
                after_step(state)
            seconds, speed = time.perf_counter() - start, done.words / max(done.seconds, 1e-9)
            on_event(PretrainingEpoch(done.epoch, loss, record.perplexity, seconds, speed))


def batch_gradients(
    model: LanguageModel,
    pieces: EncodedDocuments,
    rows: Rows,
    words: NegativeSampler,
    dropout: float,
    pool: ShardPool,
    rng: Callable[[int, int], np.random.Generator],
) -> Sums:
    """Summed loss and mean gradients of a batch.

    Each direction of each shard of LARGEST_SHARD pieces is a separate task, with the generator
    `rng(shard, direction)`.
    """
    shards = shard_slices(len(rows), LARGEST_SHARD)

    def run(shard: int, number: int, direction: str) -> Sums:
        indices = _padded(pieces, rows[shards[shard]])
        return model.gradients(direction, indices, rng(shard, number), words, dropout)

    tasks = [
        (shard, number, direction)
        for shard in range(len(shards))
        for number, direction in enumerate(model.directions)
    ]
    loss, targets = 0.0, 0
    gradients: dict[str, Gradient] = {}
    for sums in pool.starmap(run, tasks):
        loss, targets = loss + sums.loss, targets + sums.targets
        add_gradients(gradients, sums.gradients)
    for gradient in gradients.values():
        numbers = gradient_values(gradient)
        numbers /= numbers.dtype.type(max(targets, 1))
    return Sums(loss, targets, gradients)


def score_held_out(model: LanguageModel, corpus: Corpus, pool: ShardPool) -> Sums:
    """The loss of the held-out documents, over all words."""
    shards = [
        corpus.held_out[batch]
        for batch in scoring_batches(corpus.pieces.lengths[corpus.held_out], LARGEST_SHARD)
    ]
    tasks = [(direction, rows) for rows in shards for direction in model.directions]
    loss, targets = 0.0, 0
    for sums in pool.starmap(lambda d, rows: model.score(d, _padded(corpus.pieces, rows)), tasks):
        loss, targets = loss + sums.loss, targets + sums.targets
    return Sums(loss, targets)


def learning_rate(highest: float, step: int, steps: int) -> float:
    """The rate of a step (from 1): linear warm-up, then half a cosine down."""
    warm_up = min(1.0, step / min(_WARM_UP_STEPS, steps / 10))
    fall = 0.5 * (1 + math.cos(math.pi * step / steps))
    return highest * warm_up * (_FINAL_FRACTION + (1 - _FINAL_FRACTION) * fall)


def _run_steps(
    recipe: Recipe,
    corpus: Corpus,
    state: PretrainingState,
    pool: ShardPool,
    on_event: Listener,
    after_step: AfterStep | None,
) -> float:
    """Do the remaining steps of the epoch; returns the learning rate of the last one."""
    table, seed, position = pretraining_table(recipe), recipe.training.seed, state.position
    words = NegativeSampler.by_count(corpus.counts, table.negatives, np.float32)
    lengths = corpus.pieces.lengths
    order = keyed_generator(seed, Purpose.LANGUAGE_MODEL_SHUFFLE, position.epoch)
    batches = bucketed_batches(lengths[corpus.train], table.batch_size, order)
    start = time.perf_counter() - position.seconds
    for step in range(position.step + 1, len(batches) + 1):
        rows = corpus.train[batches[step - 1]]
        rng = partial(keyed_generator, seed, Purpose.LANGUAGE_MODEL_STEP, position.epoch, step)
        sums = batch_gradients(state.model, corpus.pieces, rows, words, table.dropout, pool, rng)
        if not math.isfinite(sums.loss):
            raise TrainingError(
                f"the loss is {sums.loss} at epoch {position.epoch}, step {step}: try a smaller "
                f"pretraining.learning_rate than {table.learning_rate}"
            )
        clip_by_global_norm(sums.gradients, table.clip_norm)
        state.optimizer.learning_rate = learning_rate(
            table.learning_rate, position.updates + 1, table.epochs * len(batches)
        )
        state.optimizer.update(state.model.parameters, sums.gradients, pool)
        position.step, position.updates = step, state.optimizer.step
        position.loss_sum += sums.loss
        position.targets += sums.targets
        position.words += int(lengths[rows].sum())
        position.seconds = time.perf_counter() - start
        speed = position.words / position.seconds
        loss = position.loss_sum / max(position.targets, 1)
        on_event(PretrainingStep(position.epoch, step, loss, speed))
        if after_step is not None:
            after_step(state)
    steps = table.epochs * len(batches)
    return learning_rate(table.learning_rate, position.updates, steps)


def _padded(pieces: EncodedDocuments, rows: Rows) -> Indices:
    longest = int((pieces.starts[rows + 1] - pieces.starts[rows]).max())
    return pad(pieces, rows, longest, "left", "left")
