"""Inference shares work between documents; it must give the very bits of the plain way."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.nn.kernels import kernels_for
from hoiquy.nn.layers import RecurrentInference
from hoiquy.nn.model import Model
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.inference import Inference
from hoiquy.training.model_building import build_model

LENGTH = 13
SMALL = ["text.num_words=60", f"data.max_length={LENGTH}"]
LAB = ("bai1", "bai2", "bai3", "bai4", "bai5")
LAYERS: dict[str, list[dict[str, Any]]] = {
    "bidirectional": [
        {"type": "lstm", "units": 5, "bidirectional": True, "return_sequences": True},
        {"type": "gru", "units": 6, "bidirectional": True},
    ],
    "pooling": [
        {"type": "gru", "units": 5, "return_sequences": True},
        {"type": "pooling", "over_time": "max"},
    ],
    "concat pooling": [
        {"type": "gru", "units": 5, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "last+max+mean"},
    ],
    "stacked": [
        {"type": "simple_rnn", "units": 9, "return_sequences": True},
        {"type": "lstm", "units": 5, "return_sequences": True},
        {"type": "dropout", "rate": 0.5},
        {"type": "gru", "units": 4},
        {"type": "dense", "units": 3, "activation": "relu"},
    ],
}


def recipe(name: str, mask_zero: bool = False) -> Recipe:
    if name in LAB:
        return load_recipe(name).with_settings(SMALL)
    document = load_recipe("bai5").with_settings(SMALL).model_dump()
    document["model"]["layers"] = [
        {"type": "embedding", "units": 10, "mask_zero": mask_zero},
        *LAYERS[name],
        {"type": "dense", "units": "classes", "activation": "sigmoid"},
    ]
    return Recipe.model_validate(document)


def model(of: Recipe) -> Model:
    built = build_model(of, vocabulary_size=80, classes=2, seed=3)
    rng = np.random.default_rng(1)
    for parameter in built.parameters.values():  # biases too: zeros would hide a missing one
        parameter += rng.normal(0, 0.1, parameter.shape).astype(np.float32)
    return built


def documents(lengths: list[int], seed: int, side: str = "left") -> np.ndarray:
    rng = np.random.default_rng(seed)
    indices = np.zeros((len(lengths), LENGTH), np.int32)
    for row, length in zip(indices, lengths, strict=True):
        place = slice(LENGTH - length, None) if side == "left" else slice(0, length)
        row[place] = rng.integers(1, 60, length)
    return indices


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("name", [*LAB, *LAYERS])
@given(
    lengths=st.lists(st.integers(0, LENGTH), min_size=1, max_size=9), seed=st.integers(0, 99),
    side=st.sampled_from(["left", "right"]),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_the_bits_are_those_of_the_model(
    name: str, mask_zero: bool, lengths: list[int], seed: int, side: str
) -> None:
    if mask_zero and name in LAB:
        return  # the lab masks nothing
    trained = model(recipe(name, mask_zero))
    indices = documents(lengths, seed, side)
    inference = Inference.of(trained, LENGTH)
    np.testing.assert_array_equal(inference.logits(indices), trained.logits(indices))


@pytest.mark.parametrize("name", [*LAB, "stacked"])
def test_reading_begins_where_the_padding_ends(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inference = Inference.of(model(recipe(name)), LENGTH)
    seen: list[int] = []
    read = RecurrentInference.__call__

    def watched(self: RecurrentInference, x: Any, *rest: Any) -> Any:
        seen.append(x.shape[1])
        return read(self, x, *rest)

    monkeypatch.setattr(RecurrentInference, "__call__", watched)
    inference.logits(documents([4, 2, 4], 0))
    assert seen and set(seen) == {4}
    seen.clear()
    inference.logits(documents([4, LENGTH], 0))
    assert set(seen) == {LENGTH}
    seen.clear()
    inference.logits(documents([0, 0], 0))
    assert set(seen) == {1}


@pytest.mark.parametrize("name", ["bidirectional", "pooling"])
def test_where_padding_at_the_start_is_needed_it_is_read(name: str) -> None:
    assert Inference.of(model(recipe(name)), LENGTH).padding is None


@pytest.mark.skipif(kernels_for(np.float32).kind != "fast", reason="the fast kernels do not run")
@pytest.mark.parametrize("name", ["bai3", "bidirectional"])
def test_words_are_projected_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hoiquy.nn.kernels.fast import compiled

    inference = Inference.of(model(recipe(name)), LENGTH)
    tables: list[int] = []
    run_forward = compiled.run_forward

    def watched(*arguments: Any) -> None:
        tables.append(len(arguments[1].table))
        run_forward(*arguments)

    monkeypatch.setattr(compiled, "run_forward", watched)
    inference.logits(documents([5, 7], 0))
    assert 60 in tables


def test_a_document_reads_the_same_alone_and_in_company() -> None:
    inference = Inference.of(model(recipe("bai4")), LENGTH)
    together = documents([3, 13, 0, 7, 7, 1, 12], 5)
    alone = np.concatenate([inference.logits(row[None]) for row in together])
    np.testing.assert_array_equal(inference.logits(together), alone)
    with shard_pool(2) as pool:
        parts = list(pool.map(lambda shard, rows: inference.logits(together[rows]), len(together)))
    np.testing.assert_array_equal(np.concatenate(parts), alone)
