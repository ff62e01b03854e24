"""Random numbers named by what they are for, never drawn from shared state.

A generator is made from (seed, purpose, position) alone, so that a training can stop anywhere and
go on, or be spread over threads and machines, and still draw the same numbers.
"""

from enum import IntEnum

from numpy.random import Generator, Philox, SeedSequence


class Purpose(IntEnum):
    """What the numbers are for. The values are part of the result: never change them."""

    INITIAL_WEIGHTS = 1  # position: layer
    SHUFFLE = 2  # position: epoch
    DROPOUT = 3  # position: epoch, step, shard, layer
    BOOTSTRAP = 4  # position: none
    LANGUAGE_MODEL_WEIGHTS = 11  # position: part
    LANGUAGE_MODEL_HELD_OUT = 12  # position: none
    LANGUAGE_MODEL_SHUFFLE = 13  # position: epoch
    LANGUAGE_MODEL_STEP = 14  # dropout and drawn words; position: epoch, step, shard, direction


def keyed_generator(seed: int, purpose: Purpose, *position: int) -> Generator:
    """Return the counter-based generator (Philox 4x64, Salmon et al. 2011) of this position."""
    return Generator(Philox(SeedSequence(seed, spawn_key=(int(purpose), *position))))
