"""Small recipes and data sets of invented words, which train in a moment."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.random import Generator

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.model import LOSSES
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.loop import fit

LAB = ("bai1", "bai2", "bai3", "bai4", "bai5")
EVERY_KIND = (*LAB, "strong")  # with what the lab does not have: masks, n-grams, adversaries
WORDS = tuple(consonant + vowel for consonant in "bdghklmnprstvx" for vowel in "aeiou")
NUM_WORDS = 30  # fewer than there are words, so that the rarest read as out of vocabulary
LAYERS_ALONE = ("text.ngrams=1", "model.wide=false")  # of a recipe that has a wide part
SIZES = {200: 9, 128: 6, 64: 5}  # none a multiple of 8


def miniature(name: str, *settings: str) -> Recipe:
    """A built-in recipe with every layer shrunk, two epochs, and a batch of three shards."""
    recipe = load_recipe(name)
    small = [
        f"model.layers.{position}.units={SIZES[layer.units]}"
        for position, layer in enumerate(recipe.model.layers)
        if getattr(layer, "units", None) in SIZES
    ]
    return recipe.with_settings(
        [
            *small, f"text.num_words={NUM_WORDS}", "data.max_length=7", "training.epochs=2",
            "training.batch_size=80", "training.learning_rate=0.01", *settings,
        ]
    )  # fmt: skip


def with_output(recipe: Recipe, activation: str) -> Recipe:
    """The recipe with "sigmoid" or "softmax" as its last activation, and the loss of that."""
    last = len(recipe.model.layers) - 1
    return recipe.with_settings(
        [f"model.layers.{last}.activation={activation}", f"training.loss={LOSSES[activation]}"]
    )


def dataset(
    train: Sequence[str],
    train_labels: Sequence[int],
    test: int = 20,
    classes: tuple[str, ...] = ("neg", "pos"),
) -> Dataset:
    """A data set of these training texts; the first `test` of them are the test texts too."""
    labels = np.asarray(train_labels, np.int32)
    documents = Documents(list(train), labels)
    return Dataset(
        name="invented",
        classes=classes,
        train=documents,
        test=Documents(list(train[:test]), labels[:test]),
        description="invented words",
        official_test=False,
    )


def random_dataset(documents: int = 110, seed: int = 1) -> Dataset:
    """Texts of 1 to 11 random words, frequent ones and rare ones, with random labels."""
    rng = np.random.default_rng(seed)
    ranks = 1 / np.arange(1, len(WORDS) + 1)
    every_word_once = [" ".join(WORDS)]
    texts = [
        " ".join(rng.choice(WORDS, rng.integers(1, 12), p=ranks / ranks.sum()))
        for _ in range(documents - 1)
    ]
    return dataset(every_word_once + texts, rng.integers(0, 2, documents).tolist())


def prepared(recipe: Recipe, documents: int = 110) -> Prepared:
    return prepare(recipe, random_dataset(documents))


def word_order_dataset(pairs: int, rng: Generator) -> Dataset:
    """Every text twice: with "ba" before "do", which is positive, and the other way round.

    Both hold the same words, so that no count of words, however weighted, tells the classes apart.
    """
    texts, labels = [], []
    for _ in range(pairs):
        words = list(rng.choice(WORDS[10:17], 5))
        places = sorted(rng.choice(5, 2, replace=False))
        for label, pair in enumerate((("do", "ba"), ("ba", "do"))):
            for place, word in zip(places, pair, strict=True):
                words[place] = word
            texts.append(" ".join(words))
            labels.append(label)
    order = rng.permutation(len(texts))
    return dataset([texts[i] for i in order], [labels[i] for i in order], test=len(texts))


def trained_bits(name: str, threads: int) -> dict[str, str]:
    """Train a miniature for ten steps; return every bit of what came out, hashed by array.

    144 training documents: each epoch a step of 110 and one of 34.
    """
    recipe = miniature(name, "training.batch_size=110", "training.epochs=5")
    fitted = fit(recipe, prepared(recipe, documents=160), threads=threads)
    bits = {key: sha256(array.tobytes()).hexdigest() for key, array in fitted.parameters.items()}
    for at in fitted.history:
        measures = (at.loss, at.accuracy, at.val_loss, at.val_accuracy)
        bits[f"epoch {at.epoch}"] = " ".join(map(float.hex, measures))
    return bits
