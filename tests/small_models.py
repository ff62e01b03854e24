"""Recipes of every kind of layer that an exported model must get right, with random biases."""

import numpy as np

from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.training.model_building import build_model
from miniatures import LAB, miniature

WORDS = 40
_HEAD = """name = "{name}"
[data]
max_length = 9
padding = "{padding}"
[text]
num_words = 30
[[model.layers]]
type = "embedding"
units = 6
mask_zero = {mask}
"""
_END = """
[[model.layers]]
type = "dense"
units = "classes"
activation = "sigmoid"
"""
_SOFTMAX = _END.replace("sigmoid", "softmax") + '[training]\nloss = "categorical_crossentropy"\n'
_POOL = '[[model.layers]]\ntype = "pooling"\nover_time = "{}"\n'


def _recurrent(kind: str, units: int, extra: str = "") -> str:
    return f'[[model.layers]]\ntype = "{kind}"\nunits = {units}\n{extra}\n'


_SEQUENCES = "return_sequences = true\n"
_BOTH = "bidirectional = true\n"
LAYERS = {
    "lstm": _recurrent("lstm", 5),
    "gru": _recurrent("gru", 5),
    "simple_rnn": _recurrent("simple_rnn", 5),
    "relu": _recurrent("simple_rnn", 5, 'activation = "relu"'),
    "both_ways": _recurrent("lstm", 5, _BOTH),
    "stacked": _recurrent("gru", 5, _SEQUENCES) + _recurrent("lstm", 3),
    "stacked_both_ways": _recurrent("gru", 5, _SEQUENCES + _BOTH)
    + _recurrent("simple_rnn", 3, _BOTH),
    "maximum": _recurrent("lstm", 5, _SEQUENCES + _BOTH) + _POOL.format("max"),
    "mean": _recurrent("gru", 5, _SEQUENCES) + _POOL.format("mean"),
    "concat": _recurrent("lstm", 5, _SEQUENCES) + _POOL.format("last+max+mean"),
    "concat_both_ways": _recurrent("gru", 5, _SEQUENCES + _BOTH) + _POOL.format("last+max+mean"),
    "dense": _recurrent("gru", 5)
    + '[[model.layers]]\ntype = "dense"\nunits = 4\nactivation = "relu"\n'
    + '[[model.layers]]\ntype = "dense"\nunits = 3\nactivation = "tanh"\n',
    "softmax": _recurrent("gru", 5),
}
MASKS = ("unmasked", "masked_left", "masked_right")
NAMES = [*LAB, *(f"{name}/{mask}" for name in LAYERS for mask in MASKS)]


def small_recipe(name: str) -> Recipe:
    """One of NAMES."""
    if name in LAB:
        return miniature(name)
    layers, mask = name.split("/")
    head = _HEAD.format(
        name=name,
        padding="right" if mask == "masked_right" else "left",
        mask=str(mask != "unmasked").lower(),
    )
    end = _SOFTMAX if layers == "softmax" else _END
    return parse_recipe(head + LAYERS[layers] + end, name)


def may_overflow(recipe: Recipe) -> bool:
    return any(getattr(layer, "activation", "") == "relu" for layer in recipe.model.layers)


def small_model(recipe: Recipe, classes: int = 3) -> Model:
    """Weights large enough, and biases random, so that gates in a wrong order would show."""
    model = build_model(recipe, vocabulary_size=WORDS, classes=classes, seed=3)
    rng = np.random.default_rng(7)
    for name, parameter in model.parameters.items():
        if name.endswith("bias"):
            parameter += rng.uniform(-1, 1, parameter.shape).astype(np.float32)
        elif not name.startswith("dense"):
            parameter *= 1 if may_overflow(recipe) else 2
    return model
