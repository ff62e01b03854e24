"""Searches of a few tiny trials, over data that a network learns in a moment."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe
from hoiquy.workflows.search.results import Found
from hoiquy.workflows.search.search import search
from miniatures import WORDS, miniature

KEY = "training.learning_rate"
NO_PRUNER = {"type": "none"}
SPACE: dict[str, Any] = {
    "pruner": NO_PRUNER,
    "sampler": {"seed": 3, "startup_trials": 2},
    "space": {
        KEY: {"low": 1e-3, "high": 0.05, "log": True},
        "training.batch_size": {"choices": [20, 40]},
        "model.layers.2.units": {"low": 3, "high": 7, "step": 2},
    },
}


def reviews(count: int, seed: int) -> tuple[list[str], NDArray[np.int32]]:
    """Random words and, in each text, one that tells the class."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.int32)
    texts = [
        " ".join([*rng.choice(WORDS[10:40], rng.integers(3, 6)), ("bo", "pe")[label], f"r{at}"])
        for at, label in enumerate(labels.tolist())
    ]
    return texts, labels


def data(seed: int = 1) -> Dataset:
    """110 documents to learn from, of which the last 11 are validated on, and 20 to test on."""
    train, test = (Documents(*reviews(count, seed + at)) for count, at in ((110, 0), (20, 1000)))
    return Dataset("invented", ("neg", "pos"), train, test, "invented words", False)


def tiny(*settings: str) -> Recipe:
    return miniature("bai3", "text.num_words=60", "training.batch_size=40", *settings)


def searched(out: Path, **changes: Any) -> Found:
    """Four trials of two epochs, and no comparison, unless something is changed."""
    usual: dict[str, Any] = {
        "data": data(), "space": SPACE, "recipe": tiny(), "trials": 4, "seeds": 0, "lang": "en",
    }  # fmt: skip
    return search(out=out, **(usual | changes))


def told(found: Found) -> list[tuple[Any, ...]]:
    """Everything that the study knows, of which no bit may differ."""
    return [
        (one.number, one.state, dict(one.parameters), one.value, dict(one.accuracies))
        for one in found.trials
    ]
