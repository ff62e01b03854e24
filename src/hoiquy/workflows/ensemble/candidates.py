"""The networks that may be members of an ensemble, in the order in which they are tried."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoiquy.linear.features import NgramSettings
from hoiquy.recipe.recipe import Recipe, validate_recipe

LINEAR = "linear"
_MOST_CHARACTERS = 200  # of a text that a network reads by characters
_MOST_CHARACTERS_OF_ALL = 16_000_000  # of texts whose n-grams of characters fit into 2 GB
_MOST_NGRAMS = 1_000_000  # of words, and of characters
_BYTES = 72_000_000  # of the stored linear classifier: a run folder has at most 100 MB
_BYTES_OF_AN_NGRAM = 12  # key and idf; and 2 for the coefficient of each class
_WIDTHS = (2, 3, 4)  # of convolutions
_LEAST_EPOCHS, _MOST_EPOCHS = 5, 20


@dataclass(frozen=True)
class Candidate:
    """A network. name: of its folders, in lower-case letters."""

    name: str
    recipe: Recipe


def ngrams_of(base: Recipe, classes: int, texts: Sequence[str]) -> NgramSettings:
    """The n-grams of the linear classifier: single characters count where words do not recur.

    Of many long texts, n-grams of characters take minutes and gigabytes, and gain little.

    Args:
        base: The recipe `auto` for the data set.
        classes: Their number: a coefficient for each of them is stored.
        texts: Those of the training documents.
    """
    by_characters = base.text.tokenizer == "characters"
    is_large = sum(map(len, texts)) > _MOST_CHARACTERS_OF_ALL and not by_characters
    characters = None if is_large else (1 if by_characters else 2, 6)
    kinds = 1 if characters is None else 2
    most = min(_MOST_NGRAMS, _BYTES // (kinds * (_BYTES_OF_AN_NGRAM + 2 * classes)))
    return NgramSettings(words=3, characters=characters, most=most)


def networks_of(base: Recipe, classes: int, settings: Mapping[str, Any]) -> list[Candidate]:
    """The networks for a data set, with the user's settings.

    With settings of `model`, which fit no other network, only that of the recipe `auto`.

    Args:
        base: The recipe `auto` for the data set.
        classes: Their number.
        settings: Changes to every recipe.
    """
    if any(key.startswith("model.") for key in settings):
        return [Candidate("words", base.with_settings(settings))]
    of_text = _by_characters if base.text.tokenizer == "characters" else _by_words
    found = of_text(base, classes)
    return [
        Candidate(name, recipe.with_settings({"name": f"auto-{name}"}).with_settings(settings))
        for name, recipe in found.items()
    ]


def _by_characters(base: Recipe, classes: int) -> dict[str, Recipe]:
    length = min(base.data.max_length, _MOST_CHARACTERS)
    common = _schedule(classes, 3e-3) | {"data.max_length": length}
    return {
        cell: _with_layers(base, _recurrent(cell, units=128, dropout=0.1)).with_settings(common)
        for cell in ("lstm", "gru")
    } | {"ngrams": base}


def _by_words(base: Recipe, classes: int) -> dict[str, Recipe]:
    common = _schedule(classes, 4e-3)
    gru = _with_layers(base, _recurrent("gru", units=64, dropout=0.4, word_dropout=0.1))
    convolution = _with_layers(base, _convolutions())
    return {
        "gru": gru.with_settings(common),
        "convolution": convolution.with_settings(common),
        "ngrams": base,
    }


def _schedule(classes: int, learning_rate: float) -> dict[str, Any]:
    """More classes need more epochs; the learning rate falls to 0 at their end."""
    epochs = min(max(_LEAST_EPOCHS, round(3.5 * math.sqrt(classes))), _MOST_EPOCHS)
    return {"training.epochs": epochs, "training.learning_rate": learning_rate}


def _with_layers(base: Recipe, layers: list[dict[str, Any]]) -> Recipe:
    tables = base.model_dump(exclude_none=True)
    tables["text"]["ngrams"] = 1  # the linear classifier has them
    tables["model"] = {"input": "indices", "layers": layers}
    return validate_recipe(tables, "candidate")


def _recurrent(
    cell: str, units: int, dropout: float, word_dropout: float = 0.0
) -> list[dict[str, Any]]:
    """A bidirectional layer and its maximum over time."""
    embedding = {"type": "embedding", "rows": "vocabulary", "units": 64, "mask_zero": True}
    return [
        embedding | {"word_dropout": word_dropout},
        {"type": "dropout", "rate": dropout},
        {"type": cell, "units": units, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "max"},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": "classes", "activation": "softmax"},
    ]


def _convolutions() -> list[dict[str, Any]]:
    """Convolutions of several widths side by side, and the maximum of each over time.

    Kim 2014, "Convolutional neural networks for sentence classification", EMNLP.
    """
    layers: list[dict[str, Any]] = [
        {"type": "embedding", "rows": "vocabulary", "units": 64},
        {"type": "dropout", "rate": 0.3, "name": "words"},
    ]
    for width in _WIDTHS:
        layers += [
            {
                "type": "conv1d", "filters": 100, "kernel_size": width, "padding": "same",
                "activation": "relu", "name": f"width{width}", "inputs": ["words"],
            },
            {
                "type": "global_max_pooling1d", "name": f"maximum{width}",
                "inputs": [f"width{width}"],
            },
        ]  # fmt: skip
    maxima = [f"maximum{width}" for width in _WIDTHS]
    return [
        *layers,
        {"type": "concatenate", "name": "maxima", "inputs": maxima},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": "classes", "activation": "softmax"},
    ]
