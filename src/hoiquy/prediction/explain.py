"""The reading trace: what a network would answer after each word, and the words that turned it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments

_PREFIXES = 512  # that are read together


@dataclass(frozen=True)
class ReadWord:
    """A word as the network met it.

    known: it is in the vocabulary; all others read alike.
    change: of the answer's probability, from before this word to after it.
    """

    word: str
    known: bool
    change: float


@dataclass(frozen=True, eq=False)
class ReadingTrace:
    """How an answer came about.

    classes: names. answer: the number of the class that is most probable at the end. labels: the
    names of all that are predicted, none or several where the network gives several.
    not_read: words that the recipe's max_length cuts off, at the beginning or at the end.
    words: those that were read, in order.
    probabilities: (words + 1, classes) float32, before the first word and after each: those of the
    text that ends there. The last row is what `Predictor.probabilities` gives for the whole text.
    """

    text: str
    classes: tuple[str, ...]
    answer: int
    not_read: int
    words: tuple[ReadWord, ...]
    probabilities: NDArray[np.float32]
    labels: tuple[str, ...] = ()
    multilabel: bool = False

    def turned_by(self, most: int = 5) -> list[int]:
        """Places in `words` of the largest changes, either way; the largest first."""
        changes = np.array([abs(word.change) for word in self.words])
        order = np.argsort(-changes, kind="stable")[:most]
        return [int(at) for at in order if changes[at] > 0]


@dataclass(frozen=True, eq=False)
class Reading:
    """A text cut into what is read of it, one word further each time; no network has read it yet.

    words: those that are read. known: whether each is in the vocabulary. prefixes: (words + 1,)
    documents, from the text before its first word to the whole.
    """

    text: str
    not_read: int
    words: tuple[str, ...]
    known: tuple[bool, ...]
    prefixes: tuple[NDArray[np.int32], ...]

    def encoded(self, size: int) -> Iterator[EncodedDocuments]:
        """The prefixes, so many at a time."""
        for begin in range(0, len(self.prefixes), size):
            some = self.prefixes[begin : begin + size]
            ends = np.cumsum([0, *map(len, some)], dtype=np.int64)
            yield EncodedDocuments(np.concatenate(some), ends)

    def trace(self, predictor: Predictor, parts: list[NDArray[np.float32]]) -> ReadingTrace:
        """What came of it; parts: the probabilities of `encoded`, in its order."""
        probabilities = np.concatenate(parts)
        answer = int(probabilities[-1].argmax())
        changes = np.diff(probabilities[:, answer].astype(np.float64)).tolist()
        return ReadingTrace(
            text=self.text,
            classes=predictor.classes,
            answer=answer,
            not_read=self.not_read,
            words=tuple(map(ReadWord, self.words, self.known, changes)),
            probabilities=probabilities,
            labels=predictor.labels(probabilities[-1:])[0],
            multilabel=predictor.multilabel,
        )


def begin_reading(predictor: Predictor, text: str) -> Reading:
    """Cut a text into what `predictor` reads of it.

    Unknown words that the vocabulary drops are no words here.
    """
    table, scheme = predictor.recipe.data, predictor.vocabulary.scheme
    words = predictor.vocabulary.words_read(text)
    indices = predictor.vocabulary.encode(text)
    keeps_end = table.truncating == "left"
    read = indices[-table.max_length :] if keeps_end else indices[: table.max_length]
    # The mark of the start, which is no word, is cut off with the beginning.
    is_cut = keeps_end and len(read) < len(indices)
    fixed = 0 if is_cut or scheme.start is None else 1
    count = len(read) - fixed
    shown = words[len(words) - count :] if keeps_end else words[:count]
    return Reading(
        text=text,
        not_read=len(words) - count,
        words=tuple(shown),
        known=tuple((read[fixed:] != scheme.unknown).tolist()),
        prefixes=tuple(read[:end] for end in range(fixed, len(read) + 1)),
    )


def explain(predictor: Predictor, text: str) -> ReadingTrace:
    """Read a text again and again, each time to one word further.

    Each probability is that of the text which ends at this word, padded as any text is. For a
    network that `reads_left_to_right` that is its opinion so far. Others read no text in that
    order: there it is the answer to the shortened text, and nothing more.
    """
    reading = begin_reading(predictor, text)
    parts = [predictor.probabilities_of(part) for part in reading.encoded(_PREFIXES)]
    return reading.trace(predictor, parts)


def reads_left_to_right(recipe: Recipe) -> bool:
    """False for a network that is bidirectional or pools over all steps, or pads on the right."""
    return recipe.data.padding == "left" and not any(
        layer.type == "pooling" or getattr(layer, "bidirectional", False)
        for layer in recipe.model.layers
    )
