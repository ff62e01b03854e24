"""A run of each built-in recipe on documents of eleven classes, and what their sums must be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import hoiquy
from hoiquy.data.dataset import Dataset
from hoiquy.recipe.recipe import recipe_names
from miniatures import WORDS, miniature, random_dataset

CLASSES = tuple(f"class {number}" for number in range(11))
TEXTS = ["", "ba do ba", "never heard", " ".join(WORDS), "ba " * 50]


def of_many_classes(documents: int = 110) -> Dataset:
    """Random words with random labels."""
    data, rng = random_dataset(documents), np.random.default_rng(3)
    train, test = (
        replace(part, labels=rng.integers(0, len(CLASSES), len(part.texts)).astype(np.int32))
        for part in (data.train, data.test)
    )
    return replace(data, classes=CLASSES, train=train, test=test)


def train_every_recipe(folder: Path) -> Path:
    """A run of each built-in recipe, in miniature, in a folder of its name."""
    for name in recipe_names():
        hoiquy.train(of_many_classes(), miniature(name, "training.epochs=1"), folder / name)
    return folder


def is_softmax(name: str) -> bool:
    """True for every built-in recipe but those of the lab."""
    return not name.startswith("bai")


def check_sums(name: str, probabilities: Any) -> None:
    """The sums of a softmax are 1; sigmoids are not made to look as if theirs were."""
    found = np.asarray(probabilities, np.float64)
    assert found.ndim == 2 and found.shape[1] == len(CLASSES)
    off = np.abs(found.sum(axis=1) - 1)
    assert off.max() <= 1e-6 if is_softmax(name) else off.max() > 1e-3
