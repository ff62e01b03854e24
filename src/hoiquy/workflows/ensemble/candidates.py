"""The networks that may be members of an ensemble, in the order in which they are tried."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hoiquy.recipe.auto import LONGEST
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.workflows.ensemble.data_size import DataSize

LINEAR, LSA = "linear", "lsa"  # members without networks
MOST_CHOSEN = 2  # networks on every fold: more predict more slowly, and gain next to nothing
_MOST_CHARACTERS = 200  # of a text that a network reads by characters
_LEAST_EPOCHS, _MOST_EPOCHS = 5, 20
_LEAST_STEPS = 150  # over all epochs
_FILTERS = 100  # of a convolution
_WORDS_OF_WIDE = 10_000  # of networks with 128 units a word
# The network with n-grams has those that occur three times. Of so many tokens or more, it has
# smaller embeddings and fewer n-grams, by the weights of each: five of these networks are stored.
_LEAST_OCCURRENCES = 3
_MANY_TOKENS, _TOKENS_OF_A_WEIGHT = 400_000, 8_000_000
_UNITS_OF_MANY = 32
# Of so many words, that network is the only one, and as the recipe `strong`: the log loss of 5,000
# reviews of other films and of posts in 20 groups is a tenth lower, and networks without n-grams
# add next to nothing. After three epochs the log loss of 20,000 reviews rises.
_LIKE_STRONG = {
    "text.tokenizer": "unicode+punctuation",
    "text.ngrams": 3,
    "model.layers.0.word_dropout": 0.3,
    "model.layers.0.initial_limit": 0.0125,
    "training.adversarial_epsilon": 0.03,
}
_DOCUMENTS_OF_MANY, _EPOCHS_OF_MANY = 80_000, 3
_LENGTH_OF_MANY = 700  # tokens that are read, where the recipe `auto` would cut texts
_CHARACTERS_OF_A_WORD = 6  # with the space


@dataclass(frozen=True)
class Candidate:
    """A network.

    name: of its folders, in lower-case letters. further: whether it is only tried where there is
    time.
    """

    name: str
    recipe: Recipe
    further: bool = False


def networks_of(base: Recipe, size: DataSize, settings: Mapping[str, Any]) -> list[Candidate]:
    """The networks for a data set, with the user's settings.

    With settings of `model`, which fit no other network, only that of the recipe `auto`.

    Args:
        base: The recipe `auto` for the data set, with sigmoids for several labels a document.
        size: Of the data set; few documents have more epochs, to take enough steps.
        settings: Changes to every recipe.
    """
    if any(key.startswith("model.") for key in settings):
        return [Candidate("words", base.with_settings(settings))]
    by_characters = base.text.tokenizer == "characters"
    found = _by_characters(base, size) if by_characters else _by_words(base, size)
    return [
        replace(one, recipe=_named(one, size.documents).with_settings(settings)) for one in found
    ]


def _named(candidate: Candidate, documents: int) -> Recipe:
    """The recipe with the candidate's name, and with epochs for enough steps."""
    recipe = candidate.recipe
    steps = max(documents // (recipe.training.batch_size or 1), 1)
    epochs = max(recipe.training.epochs, math.ceil(_LEAST_STEPS / steps))
    return recipe.with_settings({"name": f"auto-{candidate.name}", "training.epochs": epochs})


def _by_characters(base: Recipe, size: DataSize) -> list[Candidate]:
    """First the three that are always tried."""
    common = _schedule(size.classes, 3e-3)
    common["data.max_length"] = min(base.data.max_length, _MOST_CHARACTERS)

    def network(layers: list[dict[str, Any]]) -> Recipe:
        return _with_layers(base, layers).with_settings(common)

    convolution = _convolutions((2, 3, 4, 5), units=64, dropout=0.1)
    return [
        Candidate("lstm", network(_recurrent("lstm", 64, 128, dropout=0.1))),
        Candidate("gru", network(_recurrent("gru", 64, 128, dropout=0.1))),
        Candidate("ngrams", _with_ngrams(base, size, size.characters)),
        Candidate("convolution", network(convolution), True),
        Candidate("lstm-large", network(_recurrent("lstm", 64, 256, dropout=0.2)), True),
    ]


def _by_words(base: Recipe, size: DataSize) -> list[Candidate]:
    """First those that are always tried: of many words, only the one with n-grams."""
    common = _schedule(size.classes, 4e-3)
    tokens = size.characters // _CHARACTERS_OF_A_WORD
    with_ngrams = _with_ngrams(base, size, tokens)

    def network(layers: list[dict[str, Any]], words: int = base.text.num_words) -> Recipe:
        changes = common | {"text.num_words": min(words, base.text.num_words)}
        return _with_layers(base, layers).with_settings(changes)

    if tokens > _MANY_TOKENS:
        return [Candidate("ngrams", _like_strong(with_ngrams, size.documents))]

    gru = _recurrent("gru", 64, 64, dropout=0.4, word_dropout=0.1)
    wide = _recurrent("gru", 128, 32, dropout=0.5, word_dropout=0.2)
    convolution = _convolutions((2, 3, 4), units=64, dropout=0.3)
    wide_convolution = _convolutions((1, 2, 3), units=128, dropout=0.5)
    lstm = _recurrent("lstm", 64, 64, dropout=0.4, word_dropout=0.1)
    return [
        Candidate("gru", network(gru)),
        Candidate("convolution", network(convolution)),
        Candidate("ngrams", with_ngrams),
        Candidate("gru-wide", network(wide, _WORDS_OF_WIDE), True),
        Candidate("convolution-wide", network(wide_convolution, _WORDS_OF_WIDE), True),
        Candidate("lstm", network(lstm), True),
    ]


def _with_ngrams(base: Recipe, size: DataSize, tokens: int) -> Recipe:
    """The recipe `auto` with fewer n-grams, and smaller for many tokens."""
    least = max(_LEAST_OCCURRENCES, base.text.ngram_min_count)
    if tokens <= _MANY_TOKENS:
        return base.with_settings({"text.ngram_min_count": least})
    weights_of_an_ngram = _UNITS_OF_MANY + size.classes
    least = max(least, round(tokens * weights_of_an_ngram / _TOKENS_OF_A_WEIGHT))
    return base.with_settings(
        {"text.ngram_min_count": least, "model.layers.0.units": _UNITS_OF_MANY}
    )


def _like_strong(recipe: Recipe, documents: int) -> Recipe:
    """The recipe with what the recipe `strong` has beside `auto`."""
    epochs = max(_EPOCHS_OF_MANY, round(_DOCUMENTS_OF_MANY / documents))
    length = recipe.data.max_length
    length = _LENGTH_OF_MANY if length == LONGEST else length
    return recipe.with_settings(
        _LIKE_STRONG | {"training.epochs": epochs, "data.max_length": length}
    )


def _schedule(classes: int, learning_rate: float) -> dict[str, Any]:
    """More classes need more epochs; the learning rate falls to 0 at their end."""
    epochs = min(max(_LEAST_EPOCHS, round(3.5 * math.sqrt(classes))), _MOST_EPOCHS)
    return {"training.epochs": epochs, "training.learning_rate": learning_rate}


def _with_layers(base: Recipe, layers: list[dict[str, Any]]) -> Recipe:
    """The recipe with other layers; it keeps its output."""
    layers[-1]["activation"] = base.model.output
    tables = base.model_dump(exclude_none=True)
    tables["text"]["ngrams"] = 1  # the linear classifier has them
    tables["model"] = {"input": "indices", "layers": layers}
    return validate_recipe(tables, "candidate")


def _recurrent(
    cell: str, embedded: int, units: int, dropout: float, word_dropout: float = 0.0
) -> list[dict[str, Any]]:
    """A bidirectional layer and its maximum over time. embedded: the units of a word."""
    embedding = {"type": "embedding", "rows": "vocabulary", "units": embedded, "mask_zero": True}
    return [
        embedding | {"word_dropout": word_dropout},
        {"type": "dropout", "rate": dropout},
        {"type": cell, "units": units, "bidirectional": True, "return_sequences": True},
        {"type": "pooling", "over_time": "max"},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": "classes"},
    ]


def _convolutions(widths: Sequence[int], units: int, dropout: float) -> list[dict[str, Any]]:
    """Convolutions of several widths side by side, and the maximum of each over time.

    Kim 2014, "Convolutional neural networks for sentence classification", EMNLP. units: of a word.
    """
    layers: list[dict[str, Any]] = [
        {"type": "embedding", "rows": "vocabulary", "units": units},
        {"type": "dropout", "rate": dropout, "name": "words"},
    ]
    for width in widths:
        layers += [
            {
                "type": "conv1d", "filters": _FILTERS, "kernel_size": width, "padding": "same",
                "activation": "relu", "name": f"width{width}", "inputs": ["words"],
            },
            {
                "type": "global_max_pooling1d", "name": f"maximum{width}",
                "inputs": [f"width{width}"],
            },
        ]  # fmt: skip
    return [
        *layers,
        {"type": "concatenate", "name": "all", "inputs": [f"maximum{width}" for width in widths]},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": "classes"},
    ]
