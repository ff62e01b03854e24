"""Documents for a benchmark: indices drawn like those of film reviews, and written for workers.

How often a word occurs falls with its rank (Zipf's law), about half of the reviews fill all time
steps, and the others are padded on the left, as in the lab. What is in them changes nothing about
the work but how many different rows of the embedding a batch touches.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.recipe.recipe import Recipe
from hoiquy.text import FIRST_WORD

CLASSES = 2


def draw_documents(recipe: Recipe, batches: int, batch_size: int) -> NDArray[np.int32]:
    """(batches, batch_size, max_length) indices below num_words, padded on the left; always the
    same for the same recipe."""
    rng = np.random.default_rng(0)
    length, words = recipe.data.max_length, recipe.text.num_words
    ranks = np.arange(1, max(words - FIRST_WORD, 1) + 1)
    chances = 1 / ranks
    shape = (batches, batch_size, length)
    indices = FIRST_WORD - 1 + rng.choice(ranks, shape, p=chances / chances.sum())
    indices = np.minimum(indices, words - 1)
    # from a quarter of the time steps to twice as many as there are
    lengths = rng.integers(max(length // 4, 1), 2 * length, shape[:2], endpoint=True)
    steps_left = np.arange(length, 0, -1)
    return np.where(steps_left <= lengths[..., None], indices, 0).astype(np.int32)


def write_documents(path: Path, recipe: Recipe, batches: int, batch_size: int) -> None:
    """Write `batches` and one-hot `targets` (batches, batch_size, classes) to an .npz file."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, CLASSES, (batches, batch_size))
    np.savez(
        path,
        batches=draw_documents(recipe, batches, batch_size),
        targets=np.eye(CLASSES, dtype=np.float32)[labels],
    )
