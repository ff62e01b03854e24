"""Layers that the lab does not use, against real Keras: directions, masks, pooling, odd sizes."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hoiquy.nn.layers import Embedding
from hoiquy.nn.shards import LARGEST_SHARD
from hoiquy.recipe.recipe import Recipe
from keras_twins import Twins, compare_here, relative_error

DOCUMENTS = LARGEST_SHARD + 3
WORDS, KEPT, LENGTH = 30, 20, 9

LAST = {"type": "dense", "units": "classes", "activation": "sigmoid"}
STACKS: dict[str, list[dict[str, Any]]] = {
    "simple_rnn tanh, then relu": [
        {"type": "simple_rnn", "units": 11, "return_sequences": True},
        {"type": "simple_rnn", "units": 5, "activation": "relu", "recurrent_l2": 0.02},
    ],
    "both ways, last states": [
        {"type": "lstm", "units": 7, "bidirectional": True, "kernel_l2": 0.01},
        {"type": "dense", "units": 6, "activation": "tanh"},
    ],
    "both ways, sequences, maximum": [
        {"type": "gru", "units": 9, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "max"},
        {"type": "dense", "units": 6, "activation": "relu"},
    ],
    "both ways, sequences into both ways": [
        {"type": "lstm", "units": 5, "bidirectional": True, "return_sequences": True},
        {"type": "gru", "units": 3, "bidirectional": True, "recurrent_l2": 0.01},
    ],
    "one way, sequences, mean": [
        {"type": "lstm", "units": 13, "return_sequences": True},
        {"type": "pooling", "over_time": "mean"},
    ],
    "both ways, sequences, last and maximum and mean": [
        {"type": "gru", "units": 4, "bidirectional": True, "return_sequences": True},
        {"type": "dropout", "rate": 0.2},
        {"type": "pooling", "over_time": "last+max+mean"},
        {"type": "dense", "units": 6, "activation": "relu"},
    ],
    "one way, sequences, last and maximum and mean": [
        {"type": "lstm", "units": 5, "return_sequences": True},
        {"type": "pooling", "over_time": "last+max+mean"},
    ],
    "embeddings alone, maximum": [{"type": "pooling", "over_time": "max"}],
}


def recipe(layers: list[dict[str, Any]], mask_zero: bool) -> Recipe:
    embedding = {"type": "embedding", "units": 6, "mask_zero": mask_zero}
    return Recipe.model_validate(
        {
            "name": "small",
            "data": {"max_length": LENGTH},
            "text": {"num_words": KEPT},
            "model": {"layers": [embedding, *layers, LAST]},
        }
    )


def documents(padded: str) -> NDArray[np.int32]:
    """Documents of 1 to LENGTH words, padded with 0 on the left or on the right."""
    rng = np.random.default_rng(5)
    indices = rng.integers(1, KEPT, (DOCUMENTS, LENGTH), dtype=np.int32)
    for row in indices:
        pads = int(rng.integers(0, LENGTH))
        row[slice(pads) if padded == "left" else slice(LENGTH - pads, None)] = 0
    return indices


def one_hot(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.eye(2, dtype=np.float32)[labels]


# Without a mask, the lab's networks cover what reads in one direction.
UNMASKED = [
    "both ways, sequences, maximum", "both ways, sequences into both ways",
    "both ways, sequences, last and maximum and mean",
]  # fmt: skip
CASES = [(name, True) for name in STACKS] + [(name, False) for name in UNMASKED]


@pytest.mark.parametrize(("name", "mask_zero"), CASES)
def test_a_stack_computes_what_keras_computes(name: str, mask_zero: bool) -> None:
    twins = Twins(recipe(STACKS[name], mask_zero), WORDS)
    targets = one_hot(np.arange(DOCUMENTS) % 2)
    for padded in ("left", "right"):
        differences, _ = compare_here(twins, documents(padded), targets)
        assert differences.largest <= 1e-4, (padded, differences)  # measured: 7e-6 or less


def test_the_comparison_sees_swapped_gates_and_a_lost_mask() -> None:
    twins = Twins(recipe(STACKS["one way, sequences, mean"], mask_zero=True), WORDS)
    indices, targets = documents("right"), one_hot(np.arange(DOCUMENTS) % 2)
    logits = twins.ours.logits(indices)
    parameters = twins.our_parameters()
    assert relative_error(logits, twins.their_gradients(indices, targets, parameters)[1]) <= 1e-4

    for name in ("lstm/kernel", "lstm/recurrent_kernel", "lstm/bias"):
        i, f, c, o = np.split(parameters[name], 4, axis=-1)
        parameters[name] = np.concatenate([f, i, c, o], axis=-1)
    assert relative_error(logits, twins.their_gradients(indices, targets, parameters)[1]) > 1e-2

    embedding = twins.ours.layers[0]
    assert isinstance(embedding, Embedding)
    twins.ours.mask_zero = embedding.mask_zero = False
    assert relative_error(twins.ours.logits(indices), logits) > 1e-2
