"""The probe is silent for the lab's recipes, and loud where padding swallows the words."""

from functools import cache

import numpy as np
import pytest

from hoiquy.callbacks.doctor.padding_probe import FORGOTTEN, Forgetting, forgetting
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from miniatures import LAB

QUICK = [f"{name}-quick" for name in LAB]


@cache
def data() -> Dataset:
    """Texts of 5 to 150 words: three of five are shorter than the 90 of the quick recipes."""
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(500)]
    texts = [" ".join(rng.choice(words, rng.integers(5, 150))) for _ in range(200)]
    documents = Documents(texts, rng.integers(0, 2, 200).astype(np.int32))
    return Dataset("invented", ("neg", "pos"), documents, documents.take(np.arange(9)), "", False)


def probe(recipe: Recipe) -> Forgetting | None:
    prepared: Prepared = prepare(recipe, data())
    return forgetting(recipe, prepared)


@pytest.mark.parametrize("name", QUICK)
def test_the_labs_recipes_keep_what_they_read(name: str) -> None:
    assert probe(load_recipe(name)) is None


@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("name", ["bai3-quick", "bai5-quick"])
def test_so_they_do_with_any_seed(name: str, seed: int) -> None:
    assert probe(load_recipe(name).with_settings([f"training.seed={seed}"])) is None


@pytest.mark.parametrize("name", QUICK)
def test_padded_on_the_right_they_forget(name: str) -> None:
    found = probe(load_recipe(name).with_settings(["data.padding=right"]))
    assert found is not None
    assert found.left < FORGOTTEN and found.steps <= 32
    assert found.documents > 0.3


@pytest.mark.parametrize(
    "settings",
    [
        ["model.layers.0.mask_zero=true"],  # steps over the padding
        ["model.layers.2.bidirectional=true"],  # reads it first from one side
        ["data.max_length=5"],  # no text is so short
    ],
)
def test_on_the_right_it_may_be_right(settings: list[str]) -> None:
    recipe = load_recipe("bai3-quick").with_settings(["data.padding=right", *settings])
    assert probe(recipe) is None


def test_a_tanh_network_keeps_much_over_some_padding_on_the_right() -> None:
    """Its state turns and hardly shrinks: the probe measures, and does not judge by the side."""
    settings = [
        "data.padding=right", "data.max_length=40", "model.layers.2.type=simple_rnn",
    ]  # fmt: skip
    assert probe(load_recipe("bai3-quick").with_settings(settings)) is None


def test_documents_without_words_are_no_reason_to_stop() -> None:
    labels = np.array([0, 1] * 10, np.int32)
    empty = Documents([*[""] * 19, "word"], labels)
    nothing = Dataset("empty", ("neg", "pos"), empty, empty, "", False)
    recipe = load_recipe("bai3-quick").with_settings(["data.padding=right"])
    assert forgetting(recipe, prepare(recipe, nothing)) is None
