"""Graphs of convolutions in ONNX Runtime give what hoiquy gives, and others are refused."""

from typing import Any

import numpy as np
import pytest

from hoiquy.errors import InputError
from hoiquy.interop.onnx.model import onnx_model, onnx_probabilities
from hoiquy.interop.parity import check_parity
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe, load_recipe, validate_recipe
from hoiquy.text import Vocabulary
from hoiquy.training.model_building import build_model

_VOCABULARY = Vocabulary(tuple(f"word{n}" for n in range(40)), 44)
_CONVOLUTION: dict[str, Any] = {
    "type": "conv1d", "filters": 6, "kernel_size": 3, "padding": "same", "activation": "relu",
}  # fmt: skip


def network(convolution: dict[str, Any], **embedding: Any) -> tuple[Recipe, Model]:
    """Two convolutions side by side, with random biases."""
    tables = load_recipe("auto").model_dump(exclude_none=True)
    tables["data"]["max_length"] = 12
    tables["text"] |= {"num_words": 44, "ngrams": 1}
    first = {"type": "embedding", "rows": "vocabulary", "units": 8, **embedding}
    layers = [
        first,
        {"type": "dropout", "rate": 0.5, "name": "words"},
        {**convolution, "name": "first", "inputs": ["words"]},
        {"type": "global_max_pooling1d", "name": "first_maximum", "inputs": ["first"]},
        {**_CONVOLUTION, "kernel_size": 2, "name": "second", "inputs": ["words"]},
        {"type": "global_average_pooling1d", "name": "second_mean", "inputs": ["second"]},
        {"type": "concatenate", "name": "both", "inputs": ["first_maximum", "second_mean"]},
        {"type": "dense", "units": "classes", "activation": "softmax"},
    ]
    tables["model"] = {"input": "indices", "layers": layers}
    recipe = validate_recipe(tables, "test")
    model = build_model(recipe, vocabulary_size=40, classes=3, seed=1)
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return recipe, model


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kernel_size": 4},
        {"kernel_size": 2, "padding": "causal"},
        {"padding": "valid", "strides": 2},
        {"dilation_rate": 2, "activation": "tanh"},
        {"use_bias": False, "groups": 2},
    ],
    ids=lambda changes: "-".join(changes) or "same",
)
def test_the_probabilities_are_those_of_hoiquy(changes: dict[str, Any]) -> None:
    recipe, model = network(_CONVOLUTION | changes)
    run = onnx_probabilities(onnx_model(model, "m"))
    parity = check_parity(model, recipe, _VOCABULARY, run, any_length=False)
    assert parity.failed is None
    assert parity.largest.largest_difference < 1e-5


def test_what_has_no_operator_is_refused() -> None:
    with pytest.raises(InputError, match=r"first has strides = 2 with padding = 'same'"):
        onnx_model(network(_CONVOLUTION | {"strides": 2})[1], "m")
    with pytest.raises(InputError, match="activation = 'elu'"):
        onnx_model(network(_CONVOLUTION | {"activation": "elu"})[1], "m")
    with pytest.raises(InputError, match="without a mask; this network predicts and serves with"):
        onnx_model(network(_CONVOLUTION, mask_zero=True)[1], "m")
