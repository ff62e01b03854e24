"""The reading trace: what a network would answer after each word, and the words that turned it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.predictor import Predictor
from hoiquy.text import OUT_OF_VOCABULARY, EncodedDocuments

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

    classes: names. answer: the number of the class that is most probable at the end.
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

    def turned_by(self, most: int = 5) -> list[int]:
        """Places in `words` of the largest changes, either way; the largest first."""
        changes = np.array([abs(word.change) for word in self.words])
        order = np.argsort(-changes, kind="stable")[:most]
        return [int(at) for at in order if changes[at] > 0]


def explain(predictor: Predictor, text: str) -> ReadingTrace:
    """Read a text again and again, each time to one word further.

    Each probability is that of the text which ends at this word, padded as any text is. For a
    network that reads from left to right that is its opinion so far. One that is bidirectional or
    pools over all steps, or whose recipe pads on the right, reads no text in that order: there it
    is its answer to the shortened text, and nothing more.
    """
    table = predictor.recipe.data
    words = predictor.vocabulary.rules.words(text)
    indices = predictor.vocabulary.encode(text)
    keeps_end = table.truncating == "left"
    read = indices[-table.max_length :] if keeps_end else indices[: table.max_length]
    # The mark of the start, which is no word, is cut off with the beginning.
    fixed = 0 if keeps_end and len(read) < len(indices) else 1
    count = len(read) - fixed
    shown = words[len(words) - count :] if keeps_end else words[:count]

    prefixes = [read[:end] for end in range(fixed, len(read) + 1)]
    parts = [predictor.probabilities_of(part) for part in _encoded(prefixes)]
    probabilities = np.concatenate(parts)
    answer = int(probabilities[-1].argmax())
    changes = np.diff(probabilities[:, answer].astype(np.float64)).tolist()
    known = (read[fixed:] != OUT_OF_VOCABULARY).tolist()
    return ReadingTrace(
        text=text,
        classes=predictor.classes,
        answer=answer,
        not_read=len(words) - count,
        words=tuple(map(ReadWord, shown, known, changes)),
        probabilities=probabilities,
    )


def _encoded(prefixes: list[NDArray[np.int32]]) -> Iterator[EncodedDocuments]:
    for begin in range(0, len(prefixes), _PREFIXES):
        some = prefixes[begin : begin + _PREFIXES]
        ends = np.cumsum([0, *map(len, some)], dtype=np.int64)
        yield EncodedDocuments(np.concatenate(some), ends)
