"""Concat pooling in recipes: what its layer knows of the layers before it, and what it refuses."""

from typing import Any

import pytest

from hoiquy.nn.layers import ConcatPooling
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import build_model

EMBEDDING = {"type": "embedding", "units": 4, "mask_zero": True}
OUTPUT = {"type": "dense", "activation": "sigmoid"}


def _pooled(*layers: dict[str, Any]) -> Recipe:
    pooling = {"type": "pooling", "over_time": "last+max+mean"}
    table = [EMBEDDING, *layers, {"type": "dropout", "rate": 0.5}, pooling, OUTPUT]
    return Recipe.model_validate({"name": "pooled", "model": {"layers": table}})


@pytest.mark.parametrize(
    ("layer", "backward"),
    [
        ({"type": "gru", "units": 5, "return_sequences": True}, 0),
        ({"type": "gru", "units": 5, "return_sequences": True, "bidirectional": True}, 5),
        ({"type": "conv1d", "filters": 5, "kernel_size": 2}, 0),
    ],
)
def test_concat_pooling_knows_which_features_run_backward(
    layer: dict[str, Any], backward: int
) -> None:
    model = build_model(_pooled(layer), vocabulary_size=30, classes=2, seed=1)
    pooling = model.layers[-2]
    assert isinstance(pooling, ConcatPooling) and pooling.backward_features == backward


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"go_backwards": True}, "gru has go_backwards = true: set bidirectional = true instead"),
        ({"bidirectional": True, "merge_mode": "sum"}, "leave merge_mode and go_backwards of"),
        ({"bidirectional": True, "go_backwards": True}, "leave merge_mode and go_backwards of"),
    ],
)
def test_concat_pooling_refuses_states_whose_end_is_unknown(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _pooled({"type": "gru", "units": 5, "return_sequences": True, **settings})
