"""Settings that the doctor suggests, as `--set` accepts them."""

import json
from collections.abc import Sequence
from typing import Any

from hoiquy.errors import RecipeError
from hoiquy.recipe.layer_tables import LayerRecipe, RecurrentLayer
from hoiquy.recipe.recipe import Recipe

CHARACTERS = 'text.tokenizer="characters"'
_EMBEDDING_UNITS = 128  # as in the lab
_LONGER = 3  # times the epochs
_LESS = 10  # the divisor of a learning rate that is too large


def with_embedding(recipe: Recipe) -> str | None:
    """The network with an embedding instead of ranks as input; None unless it is a chain."""
    if not recipe.model.is_chain:
        return None
    embedding = {"type": "embedding", "units": _EMBEDDING_UNITS}
    layers = [embedding, *map(_table, recipe.model.layers)]
    return f"model={_toml({'input': 'indices', 'layers': layers})}"


def with_one_recurrent_layer(recipe: Recipe) -> str | None:
    """The network with only the last of its recurrent layers; None if it has one."""
    layers = recipe.model.layers
    if not recipe.model.is_chain:
        return None
    recurrent = [at for at, layer in enumerate(layers) if is_recurrent(layer)]
    if len(recurrent) < 2:
        return None
    kept = [layer for at, layer in enumerate(layers) if at not in recurrent[:-1]]
    return f"model.layers={_toml(list(map(_table, kept)))}"


def with_tanh(recipe: Recipe) -> str | None:
    """tanh instead of every relu; None without a relu."""
    layers = recipe.model.layers
    relus = [at for at, layer in enumerate(layers) if getattr(layer, "activation", "") == "relu"]
    if len(relus) == 1:
        return f'model.layers.{relus[0]}.activation="tanh"'
    changed = [
        _table(layer) | ({"activation": "tanh"} if at in relus else {})
        for at, layer in enumerate(layers)
    ]
    return f"model.layers={_toml(changed)}" if relus else None


def with_learning_rate(recipe: Recipe, factor: float) -> str:
    """The learning rate times `factor`, within the limits of a recipe."""
    rate = min(recipe.training.learning_rate * factor, 10.0)
    return f"training.learning_rate={rate:.3g}"


def with_smaller_steps(recipe: Recipe) -> str:
    """A tenth of the learning rate."""
    return with_learning_rate(recipe, 1 / _LESS)


def with_more_epochs(recipe: Recipe) -> str:
    """Three times the epochs."""
    return f"training.epochs={_LONGER * recipe.training.epochs}"


def with_word_weights(recipe: Recipe) -> str | None:
    """A wide branch; None if there is one or the recipe cannot have it."""
    setting = "model.wide=true"
    if recipe.model.wide:
        return None
    try:
        recipe.with_settings([setting])
    except RecipeError:
        return None
    return setting


def with_smaller_layer(recipe: Recipe) -> str:
    """Half the units of the first recurrent layer, or a tenth of the learning rate."""
    for at, layer in enumerate(recipe.model.layers):
        if isinstance(layer, RecurrentLayer) and layer.units > 1:
            return f"model.layers.{at}.units={layer.units // 2}"
    return with_smaller_steps(recipe)


def with_early_stopping(recipe: Recipe) -> str:
    """Stop two epochs after the best one and restore its weights."""
    table: dict[str, Any] = {"patience": 2, "restore_best": True}
    if recipe.training.early_stopping.monitor != "val_loss":
        table["monitor"] = recipe.training.early_stopping.monitor
    return f"training.early_stopping={_toml(table)}"


def padding_settings(recipe: Recipe) -> list[str]:
    """Settings that may help a network that forgets over padding, the smaller change first."""
    other = {"left": "right", "right": "left"}[recipe.data.padding]
    settings = [f'data.padding="{other}"']
    if recipe.model.layers[0].type == "embedding":
        settings.append("model.layers.0.mask_zero=true")
    return settings


def is_recurrent(layer: LayerRecipe) -> bool:
    return layer.type in ("simple_rnn", "lstm", "gru")


def _table(layer: LayerRecipe) -> dict[str, Any]:
    return {"type": layer.type} | layer.model_dump(exclude_defaults=True)


def _toml(value: Any) -> str:
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)  # strings, numbers and booleans are equal in JSON and TOML
