"""Convolutions over looked-up words have the bits of the network, and run where they pay."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hoiquy.nn.graph import Graph, Node, Tensor
from hoiquy.nn.kernels import kernels_for
from hoiquy.nn.layers import Concatenate
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.compact_embedding import compact_rows, with_compact_rows
from hoiquy.prediction.convolved_words import with_shared_products
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.text import EncodedDocuments
from hoiquy.training.model_building import build_model

LENGTH, ROWS = 12, 60


def network(*convolutions: dict[str, Any], pooling: str = "global_max_pooling1d") -> Model:
    of = recipe(*convolutions, pooling=pooling)
    return build_model(of, vocabulary_size=80, classes=3, seed=3)


def recipe(*convolutions: dict[str, Any], pooling: str = "global_max_pooling1d") -> Recipe:
    settings = [f"text.num_words={ROWS}", f"data.max_length={LENGTH}"]
    document = load_recipe("bai5").with_settings(settings).model_dump()
    branches: list[dict[str, Any]] = []
    for number, one in enumerate(convolutions):
        branches += [
            {"type": "conv1d", "name": f"c{number}", "inputs": ["words"], "filters": 9} | one,
            {"type": pooling, "name": f"m{number}", "inputs": [f"c{number}"]},
        ]
    inputs = [f"m{number}" for number in range(len(convolutions))]
    join = [{"type": "concatenate", "inputs": inputs}] if len(inputs) > 1 else []
    document["model"]["layers"] = [
        {"type": "embedding", "units": 10, "mask_zero": False, "initial_limit": 1.0},
        {"type": "dropout", "name": "words", "rate": 0.3},
        *branches,
        *join,
        {"type": "dense", "units": "classes", "activation": "softmax"},
    ]
    document["training"]["loss"] = "categorical_crossentropy"
    return Recipe.model_validate(document)


def documents(rows: int) -> np.ndarray:
    rng = np.random.default_rng(rows)
    indices = rng.integers(1, ROWS, (rows, LENGTH), dtype=np.int32)
    indices[np.arange(LENGTH) < rng.integers(0, LENGTH + 1, (rows, 1))] = 0
    return indices


def shared(model: Model, some: np.ndarray) -> Model:
    with shard_pool(2) as pool:
        return with_shared_products(model, some.ravel(), pool)


SHARED: dict[str, list[dict[str, Any]]] = {
    "default": [
        {"kernel_size": size, "padding": "same", "activation": "relu"} for size in (2, 3, 4)
    ],
    "valid": [{"kernel_size": 5, "use_bias": False}],
    "causal": [{"kernel_size": 3, "padding": "causal", "dilation_rate": 2, "activation": "relu"}],
    "strides": [{"kernel_size": 4, "padding": "same", "strides": 3}, {"kernel_size": 1}],
}


@pytest.mark.parametrize("kernels", ["fast", "plain"])
@pytest.mark.parametrize("name", SHARED)
def test_the_bits_are_those_of_the_network(
    name: str, kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", kernels)
    model, some = network(*SHARED[name]), documents(40)
    for key, weights in model.parameters.items():
        if key.endswith("bias"):
            weights[...] = np.random.default_rng(1).standard_normal(weights.shape)
    found = shared(model, some)
    assert len(found.graph.nodes) < len(model.graph.nodes)  # neither words nor windows are left
    # BLAS, which plain kernels use, computes one row differently from many.
    allowed = 0 if kernels_for(np.float32).kind == "fast" else 1e-5
    for part in (some, some[:1]):
        np.testing.assert_allclose(found.logits(part), model.logits(part), rtol=0, atol=allowed)


def test_two_embeddings() -> None:
    first, second = (network(*SHARED["valid"]).graph.nodes[:4] for _ in range(2))
    second[0].layer.parameters["embeddings"] *= -2
    for node in second:
        node.layer.name += "-2"

    def moved(node: Node) -> Node:
        return Node(
            node.layer, tuple(Tensor(4 + at if at >= 0 else at, 0) for at, _ in node.inputs)
        )

    join = Node(Concatenate("join"), (Tensor(3, 0), Tensor(7, 0)))
    nodes = [*first, *map(moved, second), join]
    model = network(*SHARED["valid"])
    model = replace(model, graph=Graph(model.graph.input_shapes, nodes, [Tensor(8, 0)]))
    some = documents(40)
    found, expected = shared(model, some), model.logits(some)
    assert len(found.graph.nodes) == 3
    np.testing.assert_array_equal(found.logits(some), expected)
    assert not np.array_equal(expected[:, :9], expected[:, 9:])


def test_compact_rows() -> None:
    model = network(*SHARED["default"])
    compact, some = with_compact_rows(model, compact_rows(model, "int8"), "run"), documents(40)
    found = shared(compact, some)
    assert found is not compact
    np.testing.assert_array_equal(found.logits(some), compact.logits(some))


@pytest.mark.parametrize(
    "model",
    [
        network({"kernel_size": 3, "activation": "tanh"}),  # rounding might change the order
        network({"kernel_size": 3, "groups": 2, "filters": 8}),
        network({"kernel_size": 3}, pooling="global_average_pooling1d"),
    ],
    ids=["tanh", "groups", "mean"],
)
def test_other_networks_stay_as_they_are(model: Model) -> None:
    assert shared(model, documents(40)) is model


@pytest.mark.parametrize("tokens", [[], [0, 4, 7, 9, 11, 4], [-1] * 50, [ROWS] * 50])
def test_few_tokens_and_indices_without_a_row_are_left_to_the_network(tokens: list[int]) -> None:
    model = network(*SHARED["default"])
    assert shared(model, np.array(tokens, np.int32)) is model


def test_a_predictor_shares_the_products_of_many_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[int] = Counter()

    def counting(indices: Any, *others: Any) -> Any:
        calls[indices.shape[1]] += 1
        return kernels_for(np.float64).window_maxima(indices, *others)

    monkeypatch.setattr(
        "hoiquy.prediction.convolved_words.kernels_for",
        lambda dtype: kernels_for(dtype)._replace(window_maxima=counting),
    )
    of, model, some = recipe(*SHARED["default"]), network(*SHARED["default"]), documents(300)
    predictor = Predictor(of, ("a", "b", "c"), None, model)  # type: ignore[arg-type]
    starts = np.arange(0, some.size + 1, LENGTH)
    encoded = EncodedDocuments(some.ravel(), starts)
    found = predictor.predict_proba_encoded(encoded, ShardPool(1))
    np.testing.assert_array_equal(found, model.probabilities(some))
    assert sum(rows * count for rows, count in calls.items()) == 3 * len(some)
