"""How many words of a text a classifier can read, and how many of them it does not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hoiquy.prediction.predictor import Predictor
from hoiquy.prediction.text_classifier import Documents, TextClassifier
from hoiquy.text import EncodedDocuments, Vocabulary

if TYPE_CHECKING:
    from hoiquy.prediction.ensemble import EnsemblePredictor

_MOSTLY = 0.5  # share of unknown words above which a prediction means little; also the page's


@dataclass(frozen=True, eq=False)
class WordCounts:
    """The words of each text that are read, and those that are not in the vocabulary.

    words, unknown: (texts,) int64. Words that a vocabulary drops are in neither.
    """

    words: NDArray[np.int64]
    unknown: NDArray[np.int64]

    @property
    def without_words(self) -> NDArray[np.bool_]:
        """(texts,): whether a text has no words."""
        return np.asarray(self.words == 0)

    @property
    def mostly_unknown(self) -> NDArray[np.bool_]:
        """(texts,): whether more than half of a text's words are unknown."""
        return np.asarray(self.unknown > _MOSTLY * self.words)


def word_counts(classifier: TextClassifier, documents: Documents) -> WordCounts:
    """Count the words of documents, which are strings or those of `TextClassifier.joined`.

    An ensemble knows the words of its first network, or without one of its linear classifier, which
    also reads texts without words by their characters.
    """
    if isinstance(classifier, Predictor):
        return _of_network(classifier, documents)
    from hoiquy.prediction.ensemble import EnsemblePredictor

    if not isinstance(classifier, EnsemblePredictor) or isinstance(documents, EncodedDocuments):
        raise TypeError(f"{classifier!r} has no words of {type(documents).__name__}")
    return _of_ensemble(classifier, list(documents))


def _of_network(network: Predictor, documents: Documents) -> WordCounts:
    if not isinstance(documents, EncodedDocuments):
        documents = network.vocabulary.encode_all(documents)
    return _counted(network.vocabulary, documents)


def _counted(vocabulary: Vocabulary, documents: EncodedDocuments) -> WordCounts:
    scheme = vocabulary.scheme
    words = documents.lengths.astype(np.int64) - (scheme.start is not None)
    is_unknown = np.asarray(documents.indices) == (-1 if scheme.unknown is None else scheme.unknown)
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_unknown, dtype=np.int64)])
    return WordCounts(words, before[documents.starts[1:]] - before[documents.starts[:-1]])


def _of_ensemble(ensemble: "EnsemblePredictor", texts: Sequence[str]) -> WordCounts:
    models = [model for several in ensemble.models for model in several]
    networks = [model for model in models if isinstance(model, Predictor)]
    features = [model.features for model in models if not isinstance(model, Predictor)]
    if networks:
        found = _of_network(networks[0], texts)
    elif features and ensemble.recipe.text.tokenizer != "characters":
        vocabulary = features[0].vocabulary
        found = _counted(vocabulary, vocabulary.encode_all(texts))
    else:
        found = WordCounts(*np.zeros((2, len(texts)), np.int64))
    if not features:
        return found
    has_characters = np.array([bool(text.strip()) for text in texts], bool)
    return WordCounts(np.maximum(found.words, has_characters), found.unknown)
