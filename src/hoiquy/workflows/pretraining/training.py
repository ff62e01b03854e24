"""The epoch loop of a pretraining."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from hoiquy.errors import TrainingError
from hoiquy.events import Listener, PretrainingEpoch, PretrainingStarted, PretrainingStep, ignore
from hoiquy.nn.optimizers import Adam, clip_by_global_norm
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.workflows.pretraining.candidate_words import CandidateSampler
from hoiquy.workflows.pretraining.corpus import Corpus, pretraining_table, rows_of
from hoiquy.workflows.pretraining.gradients import Dropped, piece_gradients
from hoiquy.workflows.pretraining.held_out import score_held_out, scoring_seconds
from hoiquy.workflows.pretraining.language_model import build_language_model, perplexity
from hoiquy.workflows.pretraining.state import PretrainingRecord, PretrainingState
from hoiquy.workflows.pretraining.streams import Streams

_FINAL_FRACTION = 0.02  # of the learning rate, at the end

AfterStep = Callable[[PretrainingState], None]


def initial_state(recipe: Recipe, corpus: Corpus) -> PretrainingState:
    """Initial weights, no steps. Raises RecipeError as `build_language_model` does."""
    streams = pass_streams(recipe, corpus, 1).count
    model = build_language_model(recipe, rows_of(recipe, corpus.vocabulary), streams)
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
    with shard_pool(threads) as pool:
        Training(recipe, corpus, state, pool, on_event, after_step).run()


def learning_rate(table: PretrainingTable, step: int, steps: int) -> float:
    """The rate of a step (from 1): linear warm-up, then half a cosine down."""
    warm_up = min(1.0, step / min(table.warm_up_steps, steps / 10))
    fall = 0.5 * (1 + math.cos(math.pi * step / steps))
    return table.learning_rate * warm_up * (_FINAL_FRACTION + (1 - _FINAL_FRACTION) * fall)


@dataclass
class Training:
    """The epochs of a pretraining; fields as the arguments of `fit_language_model`."""

    recipe: Recipe
    corpus: Corpus
    state: PretrainingState
    pool: ShardPool
    on_event: Listener
    after_step: AfterStep | None

    def __post_init__(self) -> None:
        self.table = pretraining_table(self.recipe)
        self.sampler = CandidateSampler.by_count(
            self.corpus.counts, self.table.candidates, np.float32
        )
        self.pieces = pass_streams(self.recipe, self.corpus, 1).pieces(self.table.piece_length)
        self.steps = self.table.steps_per_epoch or self.pieces
        self.scoring = 0.0  # seconds of a perplexity

    def run(self) -> None:
        table, state = self.table, self.state
        finish_compiling(self.on_event)
        documents = len(self.corpus.train)
        self.scoring = scoring_seconds(state.model, self.corpus, table, self.pool)
        self.on_event(PretrainingStarted(self.recipe.name, table.epochs, self.steps, documents))
        while len(state.history) < table.epochs:
            start = time.perf_counter() - state.position.seconds
            self._run_epoch()
            done = state.position
            held_out = score_held_out(state.model, self.corpus, table, self.pool)
            state.finish_epoch(
                PretrainingRecord(
                    done.epoch, done.mean_loss, perplexity(held_out.loss, held_out.targets),
                    self._rate(done.updates),
                )
            )  # fmt: skip
            if self.after_step is not None:
                self.after_step(state)
            seconds = time.perf_counter() - start
            self.on_event(
                PretrainingEpoch(
                    done.epoch, done.mean_loss, state.history[-1].perplexity, seconds,
                    done.words_per_second, seconds * (table.epochs - done.epoch),
                )
            )  # fmt: skip

    def _run_epoch(self) -> None:
        """Do the remaining steps of the epoch."""
        position = self.state.position
        streams = self.streams(position.updates)
        start = time.perf_counter() - position.seconds
        for step in range(position.step + 1, self.steps + 1):
            piece = position.updates % self.pieces
            if piece == 0:
                streams = self.streams(position.updates)
                self.state.model.reset_states()
            self.do_step(step, streams, piece)
            position.seconds = time.perf_counter() - start
            self.on_event(
                PretrainingStep(
                    position.epoch, step, position.mean_loss, position.words_per_second,
                    self._seconds_left(),
                )
            )  # fmt: skip
            if self.after_step is not None:
                self.after_step(self.state)

    def _seconds_left(self) -> float:
        """At the speed of this epoch."""
        position, epochs = self.state.position, self.table.epochs
        steps = (epochs - position.epoch + 1) * self.steps - position.step
        scorings = epochs - position.epoch + 1
        return steps * position.seconds / position.step + scorings * self.scoring

    def streams(self, updates: int) -> Streams:
        """Those of the pass over the documents that the next update belongs to."""
        return pass_streams(self.recipe, self.corpus, updates // self.pieces + 1)

    def do_step(self, step: int, streams: Streams, piece: int) -> None:
        """Train on a piece of the streams. Raises TrainingError if the loss is not a number."""
        table, state = self.table, self.state
        model, position = state.model, state.position
        pieces = streams.pieces_of(piece, table.piece_length, model.directions)
        of_step = partial(
            keyed_generator, self.recipe.training.seed, Purpose.LANGUAGE_MODEL_STEP,
            position.epoch, step,
        )  # fmt: skip
        of_all = of_step()
        candidates = self.sampler.draw(of_all)
        dropped = Dropped.draw(model, table, of_all)
        sums = piece_gradients(model, pieces, candidates, dropped, self.pool, of_step)
        if not math.isfinite(sums.loss):
            raise TrainingError(
                f"the loss is {sums.loss} at epoch {position.epoch}, step {step}: try a smaller "
                f"pretraining.learning_rate than {table.learning_rate}"
            )
        clip_by_global_norm(sums.gradients, table.clip_norm, self.pool)
        state.optimizer.learning_rate = self._rate(position.updates + 1)
        state.optimizer.update(model.parameters, sums.gradients, self.pool)
        position.step, position.updates = step, state.optimizer.step
        position.loss_sum += sums.loss
        position.targets += sums.targets
        position.words += pieces[model.directions[0]][1:].size

    def _rate(self, update: int) -> float:
        return learning_rate(self.table, update, self.table.epochs * self.steps)


def pass_streams(recipe: Recipe, corpus: Corpus, number: int) -> Streams:
    """The training documents in the random order of a pass over them, from 1."""
    rng = keyed_generator(recipe.training.seed, Purpose.LANGUAGE_MODEL_SHUFFLE, number)
    order = rng.permutation(corpus.train)
    return Streams.of(corpus.documents, order, pretraining_table(recipe).batch_size)
