"""Recipes of any layers: connections, TOML, and errors that name layer and remedy."""

import re
from pathlib import Path
from typing import Any

import pytest

from branches import LAYERS, branching_recipe
from hoiquy.errors import RecipeError
from hoiquy.recipe.recipe import load_recipe, parse_recipe

EMBEDDING, CONV, POOL, GRU, JOIN, NORM, DROPOUT, DENSE = LAYERS
FLAT = {"type": "flatten"}


def test_a_branching_recipe_survives_toml() -> None:
    recipe = branching_recipe()
    assert not recipe.model.is_chain
    assert parse_recipe(recipe.to_toml(), "written") == recipe
    assert recipe.model.names() == [
        "embedding", "conv1d", "windows", "gru", "concatenate", "batch_normalization", "dropout",
        "dense",
    ]  # fmt: skip
    assert recipe.model.layers[1].settings["filters"] == 4
    changed = recipe.with_settings(["model.layers.1.filters=8", "training.optimizer.beta_1=0.8"])
    assert changed.model.layers[1].settings["filters"] == 8
    assert changed.training.optimizer_table["beta_1"] == 0.8


def test_the_example_of_the_documentation_is_a_recipe() -> None:
    page = Path(__file__).parents[2] / "docs" / "recipes.md"
    (example,) = re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    recipe = parse_recipe(example, "example")
    assert recipe.model.names()[2:4] == ["windows", "gru"]
    assert parse_recipe(recipe.to_toml(), "written") == recipe


def test_a_chain_takes_the_settings_of_its_layers() -> None:
    recipe = load_recipe("bai3").with_settings(
        ["model.layers.2.recurrent_dropout=0.2", 'model.layers.2.activation="relu"',
         "model.layers.2.bidirectional=true", 'model.layers.2.merge_mode="sum"',
         "model.layers.4.l2=0.1", "model.layers.4.use_bias=false", "training.optimizer=sgd"]
    )  # fmt: skip
    assert recipe.model.is_chain
    assert parse_recipe(recipe.to_toml(), "written") == recipe
    assert recipe.training.optimizer == "sgd"


def test_a_layer_may_be_shared() -> None:
    recipe = branching_recipe(
        EMBEDDING,
        {"type": "conv1d", "filters": 6, "padding": "same", "name": "windows"},
        {"type": "shared", "layer": "windows", "name": "again"},
        {"type": "add", "inputs": ["windows", "again"]},
        FLAT,
        DENSE,
    )
    assert [list(map(tuple, of)) for of in recipe.model.sources()][3] == [(1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("layers", "named"),
    [
        ([EMBEDDING, {"type": "conv2d"}, DENSE],
         ["model.layers.1.type = 'conv2d'", "did you mean 'conv1d'?", "lstm"]),
        ([EMBEDDING, {"type": "conv1d", "filter": 3}, FLAT, DENSE],
         ["unknown key 'filter' in [model.layers.1]", "did you mean 'filters'?", "kernel_size"]),
        ([EMBEDDING, {"type": "conv1d", "filters": 2.5}, FLAT, DENSE],
         ["model.layers.1: filters = 2.5", "a whole number"]),
        ([EMBEDDING, CONV, DENSE], ["model.layers.2 (dense)", "flatten", "(None, 12, 2)"]),
        ([EMBEDDING, CONV, POOL, {**GRU, "inputs": ["embeding"]}, JOIN, DENSE],
         ["layers.3.inputs: 'embeding'", "did you mean 'embedding'?"]),
        ([EMBEDDING, CONV, POOL, GRU, {**JOIN, "inputs": ["gru", "embedding"]}, DENSE],
         ["layers.2 (windows): no layer takes its output"]),
        ([EMBEDDING, CONV, POOL, GRU, {**JOIN, "inputs": ["windows", "gru:1"]}, DENSE],
         ["model.layers.4 (concatenate)", "output 1", "its inputs are windows, gru:1"]),
        ([EMBEDDING, CONV, POOL, {**GRU, "name": "windows"}, JOIN, DENSE],
         ["layers.3: two layers have the name 'windows'"]),
        ([CONV, POOL, DENSE], ["model.layers.0 (conv1d)", "put an embedding before it"]),
        ([EMBEDDING, FLAT, GRU, {**DENSE}], ["layers.1 (flatten): no layer takes its output"]),
        ([EMBEDDING, FLAT, {**GRU, "inputs": ["flatten"]}, DENSE],
         ["model.layers.2 (gru)", "(batch, time, features)", "its inputs are flatten"]),
        ([EMBEDDING, FLAT], ["the last layer must be dense"]),
        ([EMBEDDING, {"type": "shared", "layer": "conv"}, FLAT, DENSE],
         ["layers.1.layer = 'conv'", "an earlier layer"]),
        ([EMBEDDING, {**CONV, "name": "a/b"}, FLAT, DENSE], ["name = 'a/b'"]),
        ([EMBEDDING, {**GRU, "inputs": None, "merge_mode": "sum"}, DENSE],
         ["bidirectional = true"]),
        ([EMBEDDING, {**GRU, "inputs": None, "stateful": True}, DENSE], ["'stateful'"]),
    ],
)  # fmt: skip
def test_wrong_layers_are_one_line(layers: list[dict[str, Any]], named: list[str]) -> None:
    layers = [{k: v for k, v in layer.items() if v is not None} for layer in layers]
    with pytest.raises(RecipeError) as caught:
        branching_recipe(*layers)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for part in named:
        assert part in message


@pytest.mark.parametrize(
    "setting", ["model.wide=true", "training.adversarial_epsilon=0.1", "text.ngrams=2"]
)
def test_what_needs_a_chain_is_refused(setting: str) -> None:
    with pytest.raises(RecipeError, match="chain of embedding, dropout, recurrent"):
        branching_recipe().with_settings([setting])


def test_clipping_is_given_once() -> None:
    with pytest.raises(RecipeError, match="expected one way to clip"):
        branching_recipe(clip_norm=1.0, optimizer={"type": "sgd", "clipnorm": 1.0})
    with pytest.raises(RecipeError, match=r"momentun.*did you mean 'momentum'"):
        branching_recipe(optimizer={"type": "sgd", "momentun": 0.9})
