"""Lines of a recipe that the doctor suggests; each is one that `--set` takes."""

import json
from collections.abc import Sequence
from typing import Any

from hoiquy.errors import RecipeError
from hoiquy.recipe.model import LayerRecipe, RecurrentLayer
from hoiquy.recipe.recipe import Recipe

CHARACTERS = 'text.tokenizer="characters"'
_EMBEDDING_UNITS = 128  # as in the lab
_LONGER = 3  # times the epochs, where too few were trained
_LESS = 10  # times: how much smaller a learning rate is suggested where it was too large


def with_embedding(recipe: Recipe) -> str:
    """The network that reads words through an embedding instead of their ranks."""
    embedding = {"type": "embedding", "units": _EMBEDDING_UNITS}
    layers = [embedding, *map(_table, recipe.model.layers)]
    return f"model={_toml({'input': 'indices', 'layers': layers})}"


def with_one_recurrent_layer(recipe: Recipe) -> str | None:
    """The network with the last of its recurrent layers alone; None if it has no other."""
    layers = recipe.model.layers
    recurrent = [at for at, layer in enumerate(layers) if is_recurrent(layer)]
    if len(recurrent) < 2:
        return None
    kept = [layer for at, layer in enumerate(layers) if at not in recurrent[:-1]]
    return f"model.layers={_toml(list(map(_table, kept)))}"


def with_tanh(recipe: Recipe) -> str | None:
    """tanh instead of every relu; None where there is none."""
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
    """Another learning rate, within what a recipe takes."""
    rate = min(recipe.training.learning_rate * factor, 10.0)
    return f"training.learning_rate={rate:.3g}"


def with_smaller_steps(recipe: Recipe) -> str:
    """A learning rate that is ten times smaller."""
    return with_learning_rate(recipe, 1 / _LESS)


def with_more_epochs(recipe: Recipe) -> str:
    """Three times the epochs."""
    return f"training.epochs={_LONGER * recipe.training.epochs}"


def with_word_weights(recipe: Recipe) -> str | None:
    """A weight for each word beside the network; None where there is one, or it cannot be."""
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
    """Stop two epochs after the best one, and end with its weights."""
    table: dict[str, Any] = {"patience": 2, "restore_best": True}
    if recipe.training.early_stopping.monitor != "val_loss":
        table["monitor"] = recipe.training.early_stopping.monitor
    return f"training.early_stopping={_toml(table)}"


def padding_settings(recipe: Recipe) -> list[str]:
    """What may help a network that forgets along the padding, the smaller change first."""
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
    """A value in one line of TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)  # what JSON and TOML write alike: strings, numbers, true and false
