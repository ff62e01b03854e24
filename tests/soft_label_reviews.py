"""Data that teachers learn in a moment, teachers, and texts for them to answer."""

from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.folder import Run
from hoiquy.workflows.train import train
from miniatures import WORDS, miniature

CLASSES = ("neg", "pos")


def reviews(count: int, seed: int) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int32]]]:
    """Random words and, in most of them, one that tells the class: "bo" is worse than "pe"."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.int32)
    texts = []
    for label in labels.tolist():
        words = list(rng.choice(WORDS[10:40], rng.integers(4, 9)))
        told = label if rng.random() < 0.9 else 1 - label
        words.insert(int(rng.integers(len(words))), ("bo", "pe")[told])
        texts.append(" ".join([*words, f"r{seed}x{len(texts)}"]))
    return texts, labels


def labelled(seed: int = 1) -> Dataset:
    """110 documents to learn from, of which the last 11 are validated on, and 20 to test on."""
    train, test = (Documents(*reviews(count, seed + at)) for count, at in ((110, 0), (20, 1000)))
    return Dataset("invented", CLASSES, train, test, "invented words", False)


def unlabelled(count: int = 70) -> list[str]:
    return reviews(count, seed=7)[0]


def small(*settings: str) -> Recipe:
    return miniature("bai3", "text.num_words=60", "training.batch_size=40", *settings)


def teacher(folder: Path, *settings: str, data: Dataset | None = None) -> Run:
    return train(data or labelled(), small("training.epochs=3", *settings), folder)
