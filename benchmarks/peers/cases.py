"""What is measured: a kind of work on a network of some size, and who does it.

A case becomes one plain description (a "task") for each participant. Keys of a task:

    kind            training, inference, latency or layer
    recipe          the recipe as a dictionary; vocabulary, classes: what it is built for
    embedding_rows  height of a peer's embedding
    logits          True: the network ends before the sigmoid, which belongs to the loss
    documents       .npz of `hoiquy.bench.documents`;  weights, save_weights: .npz of hoiquy's
    check           number of documents whose probabilities are compared
    batch_size      documents a batch at inference

and of a layer alone: cell, time, batch, inputs, units, activation, wants_d_x.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hoiquy.bench.documents import CLASSES
from hoiquy.bench.peers import Peer

from hoiquy.errors import RecipeError
from hoiquy.recipe.layer_sizes import embedding_rows
from hoiquy.recipe.model import EmbeddingLayer, RecurrentLayer
from hoiquy.recipe.recipe import Recipe, load_recipe

Kind = Literal["training", "inference", "latency", "layer"]
Embedding = Literal["full", "cut"]

VOCABULARY = 88_584  # words of the lab's training reviews
RECIPES = ("bai1", "bai2", "bai3", "bai4", "bai5")
INFERENCE_RECIPES = ("bai3", "bai5")
INFERENCE_BATCH = 256
SIZES: dict[str, tuple[int, ...]] = {
    "time": (25, 50, 100, 200, 400),
    "rows": (32, 64, 128, 192, 256),
    "units": (32, 64, 128, 200, 300, 400),
}
SIZES_RECIPE = "bai3"
_CHECKED_DOCUMENTS = 64
_TRAINING_BATCHES = 4
_LATENCY_DOCUMENTS = 200
_TITLES = {"simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
_GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Case:
    """One line of a table, or one point of a chart over sizes."""

    what: str  # training, inference, latency, layers, sizes
    label: str
    kind: Kind
    recipe: Recipe
    batches: int = 1  # how many different ones are drawn
    batch_size: int = 1
    count: int = 1  # timed steps a turn
    skip: int = 1  # steps before them in each turn that are not timed
    embeddings: tuple[Embedding, ...] = ("full",)  # of the peers
    axis: str = ""  # of a chart over sizes: what varies,
    size: int = 0  # and its value here
    layer: dict[str, Any] = field(default_factory=dict)
    flops: float = 0.0  # of a layer's forward and backward pass

    def task(self, folder: Path, embedding: Embedding | None) -> dict[str, Any]:
        """The description for one participant; embedding None is hoiquy's own."""
        if self.kind == "layer":
            return {"kind": "layer", **self.layer}
        recipe = self.recipe
        tables = [t for t in recipe.model.layers if isinstance(t, EmbeddingLayer)]
        rows = embedding_rows(recipe, tables[0], VOCABULARY) if tables else (0, 0)
        weights = str(folder / "weights.npz")
        return {
            "kind": self.kind,
            "recipe": recipe.model_dump(),
            "vocabulary": VOCABULARY,
            "classes": CLASSES,
            "embedding_rows": rows[0] if embedding == "full" else rows[1],
            "logits": self.kind == "training",
            "documents": str(folder / "documents.npz"),
            "save_weights" if embedding is None else "weights": weights,
            "check": min(_CHECKED_DOCUMENTS, self.batch_size),
            "batch_size": INFERENCE_BATCH,
        }


def plan_cases(
    whats: Sequence[str], recipes: Sequence[str], peers: Sequence[Peer], documents: int
) -> list[Case]:
    """Return everything to measure, in order. recipes: names or files; () takes the usual ones.

    Raises RecipeError for a recipe that is not there or that the peers' workers cannot build.
    """
    trained = [load_recipe(name) for name in recipes or RECIPES]
    asked = [load_recipe(name) for name in recipes or INFERENCE_RECIPES]
    for recipe in trained if peers else ():
        _check_known_to_peers(recipe)
    cases: list[Case] = []
    for what in whats:
        if what == "training":
            cases += [_training(recipe) for recipe in trained]
        elif what == "layers":
            cases += _layers(trained)
        elif what == "inference":
            for recipe in asked:
                cases += _inference(recipe, documents)
        else:
            cases += _sizes()
    return cases


def _training(recipe: Recipe) -> Case:
    cut = any(table.type == "embedding" for table in recipe.model.layers)
    return Case(
        "training", recipe.name, "training", recipe,
        batches=_TRAINING_BATCHES, batch_size=recipe.training.batch_size, count=2,
        embeddings=("full", "cut") if cut else ("full",),
    )  # fmt: skip


def _inference(recipe: Recipe, documents: int) -> list[Case]:
    many = Case("inference", recipe.name, "inference", recipe, batch_size=documents, skip=0)
    one = Case(
        "latency", recipe.name, "latency", recipe,
        batch_size=_LATENCY_DOCUMENTS, count=20, skip=3,
    )  # fmt: skip
    return [many, one]


def _layers(recipes: Sequence[Recipe]) -> Iterator[Case]:
    """The first recurrent layer of each recipe, each shape once."""
    seen = set()
    for recipe in recipes:
        features, first = 1, None
        for table in recipe.model.layers:
            if isinstance(table, EmbeddingLayer):
                features = table.units
            elif isinstance(table, RecurrentLayer):
                first = table
                break
        if first is None or (first.type, features, first.units) in seen:
            continue
        seen.add((first.type, features, first.units))
        layer = {
            "cell": first.type,
            "time": recipe.data.max_length,
            "batch": recipe.training.batch_size,
            "inputs": features,
            "units": first.units,
            "activation": getattr(first, "activation", "tanh"),
            "wants_d_x": features > 1,
        }
        label = (
            f"{_TITLES[first.type]}({first.units}) on "
            f"{layer['time']} × {layer['batch']} × {features} ({recipe.name})"
        )
        yield Case("layers", label, "layer", recipe, count=2, layer=layer, flops=layer_flops(layer))


def layer_flops(layer: dict[str, Any]) -> float:
    """Operations of a layer's matrix products, forward and backward; the rest is not counted.

    Forward x W and h U; backward their weights' gradients and, where wanted, their inputs'.
    """
    columns = _GATES[layer["cell"]] * layer["units"]
    x_products = 3 if layer["wants_d_x"] else 2
    depth = x_products * layer["inputs"] + 3 * layer["units"]
    return float(2 * layer["time"] * layer["batch"] * columns * depth)


def _sizes() -> Iterator[Case]:
    """Training steps of one recipe with one size changed, peers with the cut embedding."""
    keys = {
        "time": "data.max_length",
        "rows": "training.batch_size",
        "units": "model.layers.2.units",
    }
    for axis, sizes in SIZES.items():
        for size in sizes:
            recipe = load_recipe(SIZES_RECIPE).with_settings([f"{keys[axis]}={size}"])
            yield Case(
                "sizes", f"{axis} {size}", "training", recipe,
                batches=2, batch_size=recipe.training.batch_size, count=2,
                embeddings=("cut",), axis=axis, size=size,
            )  # fmt: skip


def _check_known_to_peers(recipe: Recipe) -> None:
    if recipe.model.output != "sigmoid":
        raise RecipeError(
            f"{recipe.name}: a softmax cannot be measured against peers; choose a recipe of the "
            "lab, or leave --against out"
        )
    for table in recipe.model.layers:
        odd = (
            table.type == "pooling"
            or getattr(table, "bidirectional", False)
            or getattr(table, "mask_zero", False)
        )
        if odd:
            raise RecipeError(
                f"{recipe.name}: a {table.type} layer with pooling, bidirectional or mask_zero "
                "cannot be measured against peers; choose another recipe, or leave --against out"
            )
