"""Errors for recipes that Keras cannot build or train, with the settings to change."""

from hoiquy.errors import InputError
from hoiquy.recipe.recipe import Recipe


def check_keras_has_layers(recipe: Recipe) -> None:
    """Raise InputError if Keras has no layer for a part of the network."""
    _check_is_chain(recipe)
    found = _without_layers(recipe)
    if found:
        raise InputError(
            f"{recipe.name} has {' and '.join(found)}, for which Keras has no layer: export to "
            f"ONNX instead (--to onnx), or train {_settings(found)} for Keras"
        )


def check_keras_trains(recipe: Recipe) -> None:
    """Raise InputError if Keras cannot train the recipe with all its settings."""
    _check_is_chain(recipe)
    training = recipe.training
    changed = [
        f"model.layers.{at}.{key}"
        for at, layer in enumerate(recipe.model.layers)
        for key in (*layer.settings, *(["l2"] if getattr(layer, "l2", None) else []))
    ]
    if training.optimizer != "adam":
        changed.append(f"training.optimizer = {training.optimizer_table['type']!r}")
    if training.label_smoothing:
        changed.append(f"training.label_smoothing = {training.label_smoothing}")
    if changed:
        raise InputError(
            f"{recipe.name} has {', '.join(changed)}: only hoiquy's own engine trains this; train "
            f"without --engine keras"
        )
    unsupported = {"training.adversarial_epsilon": training.adversarial_epsilon} | {
        f"model.layers.{at}.word_dropout": getattr(layer, "word_dropout", 0)
        for at, layer in enumerate(recipe.model.layers)
    }
    found = _without_layers(recipe) | {
        f"{key} = {value}": f"{key}=0" for key, value in unsupported.items() if value
    }
    remedies = [_settings(found)] if found else []
    parts = list(found)
    if training.max_steps is not None:
        parts.append(f"training.max_steps = {training.max_steps}")
        remedies.append("without training.max_steps")
    if parts:
        raise InputError(
            f"{recipe.name} has {' and '.join(parts)}: only hoiquy's own engine does this; train "
            f"{' and '.join(remedies)}, or without --engine keras"
        )


def _check_is_chain(recipe: Recipe) -> None:
    """Raise InputError for layers that the conversion to Keras does not know."""
    if not recipe.model.is_chain:
        raise InputError(
            f"{recipe.name}: conversion to Keras takes a chain of embedding, dropout, recurrent, "
            f"pooling and dense layers; save such a model with hoiquy.keras: model.save"
        )


def _without_layers(recipe: Recipe) -> dict[str, str]:
    """Return parts of the network without a Keras layer, and the setting to remove each."""
    parts = {
        "n-grams": (recipe.text.ngrams > 1, "text.ngrams=1"),
        "a wide branch": (recipe.model.wide, "model.wide=false"),
    }
    return {part: setting for part, (has, setting) in parts.items() if has}


def _settings(found: dict[str, str]) -> str:
    return "with " + " ".join(f"--set {setting}" for setting in found.values())
