"""Random generators by key, without shared state.

A generator depends on (seed, purpose, position) alone, so that a training draws the same numbers
after it is resumed, and on any number of threads and machines.
"""

from enum import IntEnum

from numpy.random import Generator, Philox, SeedSequence


class Purpose(IntEnum):
    """What the numbers are used for. Results depend on the values: never change them."""

    INITIAL_WEIGHTS = 1  # position: layer
    SHUFFLE = 2  # position: epoch
    DROPOUT = 3  # position: epoch, step, shard, layer
    BOOTSTRAP = 4  # position: none
    LANGUAGE_MODEL_WEIGHTS = 11  # position: part
    LANGUAGE_MODEL_HELD_OUT = 12  # position: none
    LANGUAGE_MODEL_SHUFFLE = 13  # position: epoch
    LANGUAGE_MODEL_STEP = (
        14  # dropout and negative samples; position: epoch, step, shard, direction
    )
    STUDENT_TEXTS = 15  # that the networks of an ensemble train on; position: none
    ARRAY_STEP = 22  # what is random in training; position: step, shard
    ARRAY_ORDER = 23  # of the rows; position: fit, epoch


def keyed_generator(seed: int, purpose: Purpose, *position: int) -> Generator:
    """Return the counter-based generator (Philox 4x64, Salmon et al. 2011) of this position."""
    return Generator(Philox(SeedSequence(seed, spawn_key=(int(purpose), *position))))
