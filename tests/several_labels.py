"""Texts with several labels each, or none, and a small recipe that learns them."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe, parse_recipe
from small_reviews import LAYERS

LABELS = ("fruit", "metal", "river")
_TELLING = ("mango", "copper", "danube")
RECIPE = (
    """
name = "several"
data = {max_length = 12}
text = {num_words = 60}
training = {epochs = 12, learning_rate = 0.02, batch_size = 32}
"""
    + LAYERS
)


def recipe(*settings: str) -> Recipe:
    return parse_recipe(RECIPE, "several").with_settings(settings)


def documents(count: int, seed: int = 0) -> tuple[list[str], NDArray[np.uint8]]:
    """Texts of common words with a telling word for each label; (count, 3) independent labels."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, 3)) < (0.5, 0.4, 0.3)).astype(np.uint8)
    texts = []
    for number, row in enumerate(labels):
        words = [f"word{at}" for at in rng.integers(0, 20, 6)]
        words += [word for word, has in zip(_TELLING, row, strict=True) if has]
        texts.append(" ".join([*rng.permutation(words), f"n{number}"]))
    return texts, labels


def dataset(train: int = 300, test: int = 80) -> Dataset:
    parts = [Documents(*documents(count, seed)) for seed, count in enumerate((train, test))]
    return Dataset("several", LABELS, *parts, "invented words, three labels", official_test=False)
