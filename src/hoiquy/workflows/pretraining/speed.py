"""Measure how fast a language model is trained on this machine."""

import time

from hoiquy.events import ignore
from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.recipe import Recipe
from hoiquy.workflows.pretraining.corpus import Corpus, pretraining_table
from hoiquy.workflows.pretraining.held_out import scoring_seconds
from hoiquy.workflows.pretraining.language_model import EMBEDDINGS, OUTPUT_BIAS
from hoiquy.workflows.pretraining.plan import Speed
from hoiquy.workflows.pretraining.training import Training, initial_state

_FEWEST_STEPS, _MOST_STEPS = 2, 20
_SECONDS = 0.3  # enough to measure
_BYTES_OF_A_PARAMETER = 16  # in the weights and in a checkpoint, with two moments of Adam
_WRITTEN_PER_SECOND = 200e6  # bytes, hashed and on the disk


def measure_speed(recipe: Recipe, corpus: Corpus, pool: ShardPool) -> Speed:
    """Time some steps and a part of the perplexity, on weights that are thrown away.

    Raises TrainingError if the loss is not a number.
    """
    state = initial_state(recipe, corpus)
    training = Training(recipe, corpus, state, pool, ignore, None)
    streams, steps = training.streams(0), 0
    training.do_step(1, streams, 0)  # the first one takes longer
    start = time.perf_counter()
    while steps < _FEWEST_STEPS or (steps < _MOST_STEPS and time.perf_counter() - start < _SECONDS):
        steps += 1
        training.do_step(steps + 1, streams, steps % training.pieces)
    step = (time.perf_counter() - start) / steps
    parameters = {name: array.size for name, array in state.model.parameters.items()}
    scoring = scoring_seconds(state.model, corpus, pretraining_table(recipe), pool)
    writing = _BYTES_OF_A_PARAMETER * sum(parameters.values()) / _WRITTEN_PER_SECOND
    of_words = parameters[EMBEDDINGS] + parameters[OUTPUT_BIAS]
    return Speed(step, scoring + writing, training.pieces, sum(parameters.values()) - of_words)
