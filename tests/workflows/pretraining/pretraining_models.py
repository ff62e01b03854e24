"""Recipes, texts of a small grammar and language models that learn in a moment."""

from pathlib import Path

import numpy as np

from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.workflows.pretraining.corpus import Corpus, encode_corpus
from hoiquy.workflows.pretraining.folder import REPEATABLE

_RECIPE = """
name = "small"
[text]
num_words = 14
[[model.layers]]
type = "embedding"
units = 6
mask_zero = true
[[model.layers]]
type = "dropout"
rate = 0.2
[[model.layers]]
type = "CELL"
units = 5
bidirectional = true
return_sequences = true
[[model.layers]]
type = "pooling"
[[model.layers]]
type = "dense"
activation = "sigmoid"
[training]
epochs = 2
batch_size = 40
[pretraining]
epochs = 2
batch_size = 20
piece_length = 10
candidates = 8
held_out_documents = 5
"""


def small_recipe(*settings: str, cell: str = "lstm") -> Recipe:
    return parse_recipe(_RECIPE.replace("CELL", cell), "small").with_settings(settings)


def sentences(count: int = 90, seed: int = 1) -> list[str]:
    """Each is a name, a verb that goes with it and a thing that goes with that, once or more often.

    So the words before tell much about a word. The rarest are out of the vocabulary.
    """
    rng = np.random.default_rng(seed)
    clauses = ["ba tre xanh", "cu keo dai", "da lan tron", "be reo vang", "ca boi nhanh"]
    shares = np.array([5, 4, 3, 2, 1]) / 15
    return [" ".join(rng.choice(clauses, rng.integers(1, 7), p=shares)) for _ in range(count)]


def small_corpus(recipe: Recipe, count: int = 90) -> Corpus:
    return encode_corpus(recipe, sentences(count))


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}
