"""A small recipe whose network branches: a convolution and a GRU, joined."""

from typing import Any

from hoiquy.recipe.recipe import Recipe, validate_recipe

LAYERS: list[dict[str, Any]] = [
    {"type": "embedding", "units": 6, "mask_zero": True},
    {
        "type": "conv1d", "filters": 4, "kernel_size": 3, "activation": "relu", "padding": "same",
        "kernel_regularizer": {"type": "l2", "l2": 0.001}, "kernel_constraint": "unit_norm",
    },
    {"type": "global_max_pooling1d", "name": "windows"},
    {"type": "gru", "units": 5, "inputs": ["embedding"], "recurrent_dropout": 0.1},
    {"type": "concatenate", "inputs": ["windows", "gru"]},
    {"type": "batch_normalization", "momentum": 0.9},
    {"type": "dropout", "rate": 0.2},
    {"type": "dense", "activation": "softmax"},
]  # fmt: skip
TRAINING: dict[str, Any] = {
    "loss": "categorical_crossentropy", "label_smoothing": 0.1, "learning_rate": 0.01,
    "batch_size": 40, "epochs": 2, "optimizer": {"type": "nadam", "weight_decay": 0.001},
}  # fmt: skip


def tables(*layers: dict[str, Any], **training: Any) -> dict[str, Any]:
    """The tables of a recipe with these layers, by default those that branch."""
    return {
        "name": "branches",
        "data": {"max_length": 12},
        "text": {"num_words": 30},
        "model": {"layers": list(layers) or LAYERS},
        "training": TRAINING | training,
    }


def branching_recipe(*layers: dict[str, Any], **training: Any) -> Recipe:
    """The recipe of `tables`."""
    return validate_recipe(tables(*layers, **training), "recipe")
