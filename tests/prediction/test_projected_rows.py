"""Products of words on demand have the bits of the whole table, before it is made and after."""

from typing import Any

import numpy as np
import pytest

from hoiquy.errors import ShapeError
from hoiquy.nn.model import Model
from hoiquy.nn.shards import shard_pool
from hoiquy.prediction.compact_embedding import compact_rows, expanded_model, with_compact_rows
from hoiquy.prediction.projected_rows import Products, inference_of, project_all
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.inference import Inference
from hoiquy.training.model_building import build_model

LENGTH = 9
LAYERS: dict[str, list[dict[str, Any]]] = {
    "lstm": [{"type": "lstm", "units": 7}],
    "two": [
        {"type": "simple_rnn", "units": 9, "return_sequences": True},
        {"type": "dropout", "rate": 0.5},
        {"type": "gru", "units": 4},
    ],
    "bidirectional": [{"type": "gru", "units": 5, "bidirectional": True}],
    "sequences": [
        {"type": "lstm", "units": 5, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "max"},
    ],
}


def model(name: str, mask_zero: bool = False) -> Model:
    settings = ["text.num_words=60", f"data.max_length={LENGTH}"]
    document = load_recipe("bai5").with_settings(settings).model_dump()
    document["model"]["layers"] = [
        {"type": "embedding", "units": 10, "mask_zero": mask_zero},
        *LAYERS[name],
        {"type": "dense", "units": "classes", "activation": "sigmoid"},
    ]
    return build_model(Recipe.model_validate(document), vocabulary_size=80, classes=2, seed=3)


def documents(rows: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    indices = rng.integers(1, 60, (rows, LENGTH), dtype=np.int32)
    indices[np.arange(LENGTH) < rng.integers(0, LENGTH + 1, (rows, 1))] = 0
    return indices


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_the_bits_are_those_of_the_whole_table(name: str, mask_zero: bool) -> None:
    network = model(name, mask_zero)
    on_demand, at_once = inference_of(network, LENGTH), Inference.of(network, LENGTH)
    for seed in range(6):  # of 14 words each at least: after a few the table is there
        some = documents(5, seed)
        np.testing.assert_array_equal(on_demand.logits(some), at_once.logits(some))
    nothing = np.zeros((3, LENGTH), np.int32)
    for inference in (on_demand, inference_of(network, LENGTH)):
        np.testing.assert_array_equal(inference.logits(nothing), at_once.logits(nothing))


@pytest.mark.parametrize("type", ["float16", "int8"])
@pytest.mark.parametrize("name", LAYERS)
def test_compact_rows_predict_as_the_same_values_in_float32(name: str, type: Any) -> None:
    network = model(name)
    compact = with_compact_rows(network, compact_rows(network, type), "run")
    expected = Inference.of(expanded_model(compact), LENGTH)
    some = documents(40)
    np.testing.assert_array_equal(inference_of(compact, LENGTH).logits(some), expected.logits(some))
    np.testing.assert_array_equal(compact.logits(some), expected.logits(some))
    assert not np.array_equal(expected.logits(some), network.logits(some))


@pytest.fixture
def projected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows that were multiplied, in order."""
    sizes: list[int] = []
    init = Products.__init__

    def watched(self: Products, kernel: Any, *arguments: Any) -> None:
        class Kernel:
            def project(self, prepared: Any, rows: Any) -> Any:
                sizes.append(len(rows))
                return kernel.project(prepared, rows)

        init(self, Kernel(), *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Products, "__init__", watched)
    return sizes


def test_few_words_are_multiplied_alone_and_many_at_once(projected: list[int]) -> None:
    inference = inference_of(model("lstm"), LENGTH)
    inference.logits(np.array([[0] * (LENGTH - 2) + [4, 7]], np.int32))
    assert projected == [1, 2]  # the padding, then two words
    for seed in range(9):
        inference.logits(documents(5, seed))
    assert projected[-1] == 60 and projected.count(60) == 1
    assert sum(projected[:-1]) >= 60 > sum(projected[:-2])


@pytest.mark.parametrize(("tokens", "expected"), [(239, []), (240, [60]), (np.inf, [60])])
def test_all_are_multiplied_first_for_a_call_of_many_tokens(
    projected: list[int], tokens: float, expected: list[int]
) -> None:
    inference = inference_of(model("lstm"), LENGTH)
    projected.clear()
    project_all(inference, tokens)
    assert projected == expected


def test_threads_get_the_same_bits() -> None:
    network = model("bidirectional")
    inference, some = inference_of(network, LENGTH), documents(300)
    with shard_pool(4) as pool:
        parts = list(pool.map(lambda _, rows: inference.logits(some[rows]), len(some)))
    np.testing.assert_array_equal(np.concatenate(parts), Inference.of(network, LENGTH).logits(some))


@pytest.mark.parametrize("index", [-1, 60])
def test_an_index_without_a_row_is_refused(index: int) -> None:
    network = model("lstm")
    some = documents(2)
    some[1, -1] = index
    compact = with_compact_rows(network, compact_rows(network, "int8"), "run")
    for one in (network, compact):
        with pytest.raises(ShapeError, match=r"leave 60 rows"):
            inference_of(one, LENGTH).logits(some)


def test_other_networks_are_left_to_the_common_inference() -> None:
    numbers = build_model(
        load_recipe("bai1").with_settings(["data.max_length=9"]),
        vocabulary_size=80, classes=2, seed=3,
    )  # fmt: skip
    some = documents(4)
    found = inference_of(numbers, LENGTH).logits(some)
    np.testing.assert_array_equal(found, Inference.of(numbers, LENGTH).logits(some))
