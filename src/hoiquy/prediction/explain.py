"""The reading trace: the prediction after each word, and the words that changed it most."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.prediction.predictor import Predictor
from hoiquy.prediction.text_classifier import Documents, TextClassifier
from hoiquy.prediction.word_counts import word_counts
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments

_PREFIXES = 512  # per batch
# What is between spaces; of scripts without spaces, each character: Thai, Lao, Burmese, Khmer, kana
# and Chinese characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORDS = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


@dataclass(frozen=True)
class TracedWord:
    """A word and its effect on the prediction."""

    word: str
    known: bool  # whether it is in the vocabulary
    change: float  # of the predicted class's probability, from before this word to after it


@dataclass(frozen=True, eq=False)
class ReadingTrace:
    """The prediction for a text, word by word.

    Attributes:
        text: The text.
        classes: Class names.
        answer: Number of the class that is most probable at the end.
        not_read: Number of words that the recipe's max_length cuts off.
        words: The words within max_length, in order.
        probabilities: Array (words + 1, classes) float32: before the first word, then for the text
            up to and including each word. The last row is that of `TextClassifier.predict_proba`.
        labels: Names of all predicted labels: one, or any number if `multilabel`.
        multilabel: Whether a text may have any number of labels.
    """

    text: str
    classes: tuple[str, ...]
    answer: int
    not_read: int
    words: tuple[TracedWord, ...]
    probabilities: NDArray[np.float32]
    labels: tuple[str, ...] = ()
    multilabel: bool = False

    def largest_changes(self, count: int = 5) -> list[int]:
        """Return the positions in `words` of the largest changes, up or down, largest first."""
        changes = np.array([abs(word.change) for word in self.words])
        order = np.argsort(-changes, kind="stable")[:count]
        return [int(at) for at in order if changes[at] > 0]


@dataclass(frozen=True, eq=False)
class Reading:
    """A text split into prefixes, each one word longer, before prediction."""

    text: str
    not_read: int  # words that the recipe's max_length cuts off
    words: tuple[str, ...]  # within max_length
    known: tuple[bool, ...]  # whether each is in the vocabulary
    prefixes: tuple[NDArray[np.int32], ...] | tuple[str, ...]  # words + 1, of indices or characters

    def encoded(self, size: int) -> Iterator[Documents]:
        """Yield the prefixes in batches of at most `size`."""
        for begin in range(0, len(self.prefixes), size):
            batch: Any = self.prefixes[begin : begin + size]
            if isinstance(batch[0], str):
                yield list(batch)
                continue
            ends = np.cumsum([0, *map(len, batch)], dtype=np.int64)
            yield EncodedDocuments(np.concatenate(batch), ends)

    def trace(self, predictor: TextClassifier, parts: list[NDArray[np.float32]]) -> ReadingTrace:
        """Build the trace from the probabilities of each batch of `encoded`, in order."""
        probabilities = np.concatenate(parts)
        predicted = int(probabilities[-1].argmax())
        changes = np.diff(probabilities[:, predicted].astype(np.float64)).tolist()
        return ReadingTrace(
            text=self.text,
            classes=predictor.classes,
            answer=predicted,
            not_read=self.not_read,
            words=tuple(map(TracedWord, self.words, self.known, changes)),
            probabilities=probabilities,
            labels=predictor.labels(probabilities[-1:])[0],
            multilabel=predictor.multilabel,
        )


def split_prefixes(predictor: TextClassifier, text: str) -> Reading:
    """Split a text into prefixes: for a network as it encodes texts, else at white space.

    Unknown words that the vocabulary of a network drops are left out.
    """
    if isinstance(predictor, Predictor):
        return _of_network(predictor, text)
    return _of_text(predictor, text)


def _of_text(predictor: TextClassifier, text: str) -> Reading:
    words = tuple(_WORDS.finditer(text))
    counts = word_counts(predictor, [word.group() for word in words])
    is_unknown = (counts.words > 0) & (counts.unknown == counts.words)
    ends = [0, *(word.end() for word in words)]
    return Reading(
        text=text,
        not_read=0,
        words=tuple(word.group() for word in words),
        known=tuple((~is_unknown).tolist()),
        prefixes=tuple(text[:end] for end in ends),
    )


def _of_network(predictor: Predictor, text: str) -> Reading:
    table, scheme = predictor.recipe.data, predictor.vocabulary.scheme
    words = predictor.vocabulary.indexed_words(text)
    indices = predictor.vocabulary.encode(text)
    keeps_end = table.truncating == "left"
    kept = indices[-table.max_length :] if keeps_end else indices[: table.max_length]
    # The start token is not a word; truncating on the left removes it.
    lost_start = keeps_end and len(kept) < len(indices)
    offset = 0 if lost_start or scheme.start is None else 1
    count = len(kept) - offset
    kept_words = words[len(words) - count :] if keeps_end else words[:count]
    return Reading(
        text=text,
        not_read=len(words) - count,
        words=tuple(kept_words),
        known=tuple((kept[offset:] != scheme.unknown).tolist()),
        prefixes=tuple(kept[:end] for end in range(offset, len(kept) + 1)),
    )


def explain(predictor: TextClassifier, text: str) -> ReadingTrace:
    """Predict a text from each of its prefixes.

    Each prefix is padded as any text is. For a network that `reads_left_to_right` a row of the
    trace is its state after that word; for others it is only the prediction for a shorter text.
    """
    reading = split_prefixes(predictor, text)
    parts = [predictor.probabilities(part) for part in reading.encoded(_PREFIXES)]
    return reading.trace(predictor, parts)


def reads_left_to_right(recipe: Recipe) -> bool:
    """Return False for a network that does not, or pads on the right."""
    model = recipe.model
    if not model.is_chain or recipe.data.padding != "left":
        return False
    return not any(
        layer.type == "pooling"
        or getattr(layer, "bidirectional", False)
        or layer.settings.get("go_backwards", False)
        for layer in model.layers
    )
