"""What is measured, and the batches that all participants get.

Each participant gets a case as a plain dictionary (a task) with these keys:

    what            training, inference or latency
    recipe          the recipe as a dictionary
    vocabulary      number of words;  classes: number of classes
    embedding_rows  rows of a peer's embedding
    documents       .npz with batches and targets
    weights         .npz with the initial weights, which hoiquy writes and the peers read
    onnx            the ONNX model, which hoiquy writes for inference with ONNX Runtime
    check           number of documents whose probabilities are compared
    batch_size      documents in a batch of inference
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RecipeError
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.layer_tables import EmbeddingLayer
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.text import FIRST_WORD

WHATS = ("training", "inference")
RECIPES = ("bai1", "bai2", "bai3", "bai4", "bai5")
INFERENCE_RECIPES = ("bai3", "bai5")
VOCABULARY, CLASSES = 88_584, 2  # of the lab's training reviews
_INFERENCE_BATCH = 256
_CHECKED_DOCUMENTS = 64


@dataclass(frozen=True)
class Case:
    """One row of a table."""

    what: str  # training, inference or latency (one document at a time)
    label: str
    recipe: Recipe
    batches: int  # number of different ones
    batch_size: int  # documents
    steps: int  # timed ones in a turn
    skipped: int  # untimed steps before them, which fill the caches again
    embeddings: tuple[str, ...] = ("full",)  # of the peers: full, or cut to the reachable rows

    def task(self, folder: Path, embedding: str) -> dict[str, Any]:
        """The description for one participant; the files are in `folder`."""
        tables = [t for t in self.recipe.model.layers if isinstance(t, EmbeddingLayer)]
        full, cut = embedding_rows(self.recipe, tables[0], VOCABULARY) if tables else (0, 0)
        return {
            "what": self.what,
            "recipe": self.recipe.model_dump(),
            "vocabulary": VOCABULARY,
            "classes": CLASSES,
            "embedding_rows": full if embedding == "full" else cut,
            "documents": str(folder / "documents.npz"),
            "weights": str(folder / "weights.npz"),
            "onnx": str(folder / "model.onnx"),
            "check": min(_CHECKED_DOCUMENTS, self.batch_size),
            "batch_size": _INFERENCE_BATCH,
        }


def plan_cases(
    whats: Sequence[str], recipes: Sequence[str], vary: str, documents: int
) -> list[Case]:
    """Return everything to measure, in order.

    recipes: names or files; () for the default ones. vary: a setting and its values, such as
    "data.max_length=25,50": each recipe is measured with each of them. documents: number of
    documents of inference in batches. Raises RecipeError for a recipe that does not exist or that
    the peers' workers cannot build.
    """
    cases: list[Case] = []
    for what, defaults in (("training", RECIPES), ("inference", INFERENCE_RECIPES)):
        for name in (recipes or defaults) if what in whats else ():
            for label, recipe in _varied(load_recipe(name), vary):
                _check_known_to_peers(recipe)
                if what == "training":
                    cases.append(_training(label, recipe))
                else:
                    of_all = f"{label}, {documents:,} documents"
                    cases.append(Case("inference", of_all, recipe, 1, documents, 1, 0))
                    cases.append(Case("latency", label, recipe, 1, 200, 20, 3))
    return cases


def _varied(recipe: Recipe, vary: str) -> Iterator[tuple[str, Recipe]]:
    """The recipe with each value of the varied setting, and its label."""
    if not vary:
        yield recipe.name, recipe
        return
    key, _, values = vary.partition("=")
    for value in values.split(","):
        yield f"{recipe.name} {key}={value}", recipe.with_settings([f"{key}={value}"])


def _training(label: str, recipe: Recipe) -> Case:
    has_embedding = any(layer.type == "embedding" for layer in recipe.model.layers)
    embeddings = ("full", "cut") if has_embedding else ("full",)
    return Case("training", label, recipe, 4, recipe.training.batch_size, 2, 1, embeddings)


def _check_known_to_peers(recipe: Recipe) -> None:
    """Raise RecipeError for a network that keras_worker.py and torch_worker.py cannot build."""
    layers = recipe.model.layers
    if recipe.model.output != "sigmoid":
        odd = "a softmax output"
    elif any(layer.type == "pooling" for layer in layers):
        odd = "pooling"
    elif any(getattr(layer, "bidirectional", False) for layer in layers):
        odd = "bidirectional layers"
    elif any(getattr(layer, "mask_zero", False) for layer in layers):
        odd = "mask_zero"
    else:
        return
    raise RecipeError(f"{recipe.name}: the benchmark cannot compare {odd}; use a recipe of the lab")


def draw_documents(recipe: Recipe, batches: int, batch_size: int) -> NDArray[np.int32]:
    """Draw indices as frequent as the words of film reviews; the same for the same recipe.

    A word's frequency falls with its rank (Zipf's law); about half of the documents fill all time
    steps, the others are padded on the left. Returns (batches, batch_size, max_length).
    """
    rng = np.random.default_rng(0)
    length, words = recipe.data.max_length, recipe.text.num_words
    ranks = np.arange(1, max(words - FIRST_WORD, 1) + 1)
    chances = 1 / ranks
    shape = (batches, batch_size, length)
    indices = FIRST_WORD - 1 + rng.choice(ranks, shape, p=chances / chances.sum())
    indices = np.minimum(indices, words - 1)
    # from a quarter of the time steps to twice their number
    lengths = rng.integers(max(length // 4, 1), 2 * length, shape[:2], endpoint=True)
    steps_left = np.arange(length, 0, -1)
    return np.where(steps_left <= lengths[..., None], indices, 0).astype(np.int32)


def write_documents(path: Path, case: Case) -> None:
    """Write `batches` and one-hot `targets` (batches, batch_size, classes) to an .npz file."""
    labels = np.random.default_rng(1).integers(0, CLASSES, (case.batches, case.batch_size))
    np.savez(
        path,
        batches=draw_documents(case.recipe, case.batches, case.batch_size),
        targets=np.eye(CLASSES, dtype=np.float32)[labels],
    )
