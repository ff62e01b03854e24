"""The reading trace: the prediction after each word, and the words that changed it most."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments

_PREFIXES = 512  # per batch


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
            up to and including each word. The last row is that of `Predictor.predict_proba`.
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
    prefixes: tuple[NDArray[np.int32], ...]  # words + 1 arrays of indices

    def encoded(self, size: int) -> Iterator[EncodedDocuments]:
        """Yield the prefixes in batches of at most `size`."""
        for begin in range(0, len(self.prefixes), size):
            batch = self.prefixes[begin : begin + size]
            ends = np.cumsum([0, *map(len, batch)], dtype=np.int64)
            yield EncodedDocuments(np.concatenate(batch), ends)

    def trace(self, predictor: Predictor, parts: list[NDArray[np.float32]]) -> ReadingTrace:
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


def split_prefixes(predictor: Predictor, text: str) -> Reading:
    """Split a text into prefixes as `predictor` encodes it.

    Unknown words that the vocabulary drops are left out.
    """
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


def explain(predictor: Predictor, text: str) -> ReadingTrace:
    """Predict a text from each of its prefixes.

    Each prefix is padded as any text is. For a network that `reads_left_to_right` a row of the
    trace is its state after that word; for others it is only the prediction for a shorter text.
    """
    reading = split_prefixes(predictor, text)
    parts = [predictor.predict_proba_encoded(part) for part in reading.encoded(_PREFIXES)]
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
