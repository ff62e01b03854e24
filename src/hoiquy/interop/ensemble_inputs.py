"""How a text becomes the inputs of an exported ensemble, and its description for other programs.

    words        int64: the places of its words among the known ones, from 1; 0 for others
    characters   int64: the code points of its characters, with single spaces and one around
    indices_1…   as of a network, one for each vocabulary

Shorter documents of a batch are padded with 0 on the right.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.text_description import several_labels, text_values, tokenizer_values
from hoiquy.linear.features import Features
from hoiquy.linear.model import LinearClassifier
from hoiquy.linear.ngram_keys import padded_text
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.prediction.predictor import Predictor
from hoiquy.text import pad

WORDS, CHARACTERS = "words", "characters"
_FORMAT, _VERSION = "hoiquy-ensemble-text", 1
_RIGHT = "a batch's shorter rows are padded with 0 on the right; at least one column"
_WORD_STEPS = (
    "normalization and segmentation as of `indices` (docs/export.md)",
    "lower-case, then split as `tokenizer_rule` says; empty words are dropped",
    "each word's index in `vocabulary`, or 0",
    _RIGHT,
)
_CHARACTER_STEPS = (
    "normalization and segmentation as of `indices` (docs/export.md)",
    "lower-case, as Python's str.lower",
    "split at white space, as Python's str.split, and join with single spaces; add one space "
    "before and one after",
    "the Unicode code point of each character",
    _RIGHT,
)


@dataclass(frozen=True, eq=False)
class EnsembleInputs:
    """The inputs of the models of an ensemble; models with the same words share one.

    Attributes:
        models: In the order of the members.
        folders: The name of each.
        sources: Of each model, the name of the input for each kind of input that it has.
        linear: The features that each input of a linear classifier has.
        networks: The network that each of the other inputs has.
    """

    models: tuple[LinearClassifier | Predictor, ...]
    folders: tuple[str, ...]
    sources: tuple[Mapping[str, str], ...]
    linear: Mapping[str, tuple[str, Features]]
    networks: Mapping[str, Predictor]

    @classmethod
    def of(cls, predictor: EnsemblePredictor) -> "EnsembleInputs":
        """Name the inputs of an ensemble."""
        models = tuple(chain.from_iterable(predictor.models))
        folders = tuple(chain.from_iterable(one.models for one in predictor.ensemble.members))
        sources: list[dict[str, str]] = []
        linear: dict[str, tuple[str, Features]] = {}
        networks: dict[str, Predictor] = {}
        for model in models:
            if isinstance(model, LinearClassifier):
                kinds = linear_inputs(model.features)
                number = 1 + sum(WORDS in one or CHARACTERS in one for one in sources)
                names = {kind: kind if number == 1 else f"{kind}_{number}" for kind in kinds}
                linear |= {names[kind]: (kind, model.features) for kind in kinds}
                sources.append(names)
                continue
            same = [name for name, other in networks.items() if _same_input(model, other)]
            name = same[0] if same else f"indices_{len(networks) + 1}"
            networks.setdefault(name, model)
            sources.append({"indices": name})
        return cls(models, folders, tuple(sources), linear, networks)

    @property
    def names(self) -> list[str]:
        """The names of all inputs."""
        return [*self.linear, *self.networks]

    def arrays(self, texts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """The inputs for texts, (texts, length) each."""
        arrays = {
            name: _words(features, texts) if kind == WORDS else _characters(features, texts)
            for name, (kind, features) in self.linear.items()
        }
        for name, network in self.networks.items():
            table = network.recipe.data
            documents = network.vocabulary.encode_all(texts)
            padded = pad(documents, None, table.max_length, table.padding, table.truncating)
            arrays[name] = padded.astype(np.int64)
        return arrays

    def description(self, classes: Sequence[str], multilabel: bool = False) -> bytes:
        """The bytes of `model.text.json`, ASCII JSON.

        multilabel: whether a text may have any number of the classes.
        """
        inputs: dict[str, Any] = {}
        for name, (kind, features) in self.linear.items():
            values = tokenizer_values(features.tokenizer)
            if kind == CHARACTERS:
                kept = ("normalization", "segmentation")
                values = {"steps": _CHARACTER_STEPS, **{key: values[key] for key in kept}}
            else:
                numbers = {word: index for index, word in enumerate(known_words(features), 1)}
                values = {"steps": _WORD_STEPS, **values, "vocabulary": numbers}
            inputs[name] = values
        for name, network in self.networks.items():
            recipe = network.recipe
            inputs[name] = text_values(network.vocabulary, recipe.text, recipe.data)
        values = {"format": _FORMAT, "version": _VERSION, "inputs": inputs, "classes": [*classes]}
        values |= several_labels(multilabel)
        return (json.dumps(values, indent=1) + "\n").encode("ascii")


def linear_inputs(features: Features) -> list[str]:
    """The kinds of inputs of a linear classifier, in the order of its tables."""
    settings = features.settings
    return [WORDS] * bool(settings.words) + [CHARACTERS] * (settings.characters is not None)


def known_words(features: Features) -> list[str]:
    """The words with an index, from 1."""
    return features.words.decode("utf-8", "surrogatepass").split(" ") if features.words else []


def _same_input(one: Predictor, other: Predictor) -> bool:
    return (
        one.recipe.text == other.recipe.text
        and one.recipe.data == other.recipe.data
        and one.vocabulary.words == other.vocabulary.words
    )


def _words(features: Features, texts: Sequence[str]) -> NDArray[np.int64]:
    index = {word: number for number, word in enumerate(known_words(features), 1)}
    return _padded(
        [[index.get(word, 0) for word in features.tokenizer.words(text)] for text in texts]
    )


def _characters(features: Features, texts: Sequence[str]) -> NDArray[np.int64]:
    lower = [features.tokenizer.normalized(text).lower() for text in texts]
    return _padded([list(map(ord, padded_text(text))) for text in lower])


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    padded = np.zeros((len(rows), max(1, *map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded
