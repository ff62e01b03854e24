"""What a trained network gets wrong on the test documents, and how that goes with their length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hoiquy.metrics import distribution

KEPT = 50  # most confident wrong answers
LONGEST_TEXT = 2_000  # characters of a text that are kept
CUT = " …"  # stands behind a text that was cut
BINS = 8  # of documents by length

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer. `row` counts the test documents from 0, in the data set's order."""

    row: Count
    label: Count  # class number
    predicted: Count  # class number, not the label
    confidence: Annotated[float, Field(ge=0, le=1)]  # see `confidences`
    text: str  # at most LONGEST_TEXT characters; CUT at the end where there was more


@dataclass(frozen=True)
class LengthBin:
    """Test documents of `low` to `high` words, both included; `high` None means no upper end."""

    low: Count
    high: Count | None
    documents: Count
    errors: Count


@dataclass(frozen=True)
class Mistakes:
    """`mistakes.json`: the most confident first; all test documents by length, shortest first."""

    most_confident: tuple[Mistake, ...]
    by_length: tuple[LengthBin, ...]


def find_mistakes(
    texts: Sequence[str],
    words: NDArray[np.int64],
    labels: NDArray[np.int32],
    probabilities: NDArray[np.float32],
) -> Mistakes:
    """Look through the answers to the test documents, all in one order.

    words: (documents,) the words of each, before truncation. labels: (documents,) class numbers.
    probabilities: (documents, classes).
    """
    predicted = probabilities.argmax(axis=1)
    confidence = confidences(probabilities)
    wrong = np.flatnonzero(predicted != labels)
    first = wrong[np.argsort(-confidence[wrong], kind="stable")][:KEPT]
    most_confident = tuple(
        Mistake(
            row=row,
            label=int(labels[row]),
            predicted=int(predicted[row]),
            confidence=float(confidence[row]),
            text=shortened(texts[row]),
        )
        for row in first.tolist()
    )
    return Mistakes(most_confident, _by_length(words, predicted != labels))


def confidences(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """(documents,): the output of the predicted class divided by the sum of all outputs.

    Sigmoid outputs need not add up to 1. Where they are all 0, every class is as likely.
    """
    return np.asarray(distribution(probabilities).max(axis=1))


def shortened(text: str) -> str:
    """The text, cut between two words where it is longer than LONGEST_TEXT characters."""
    # A lone surrogate, which JSON data may hold, cannot be written as UTF-8.
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_TEXT:
        return text
    room = LONGEST_TEXT - len(CUT)
    whole_words, space, _ = text[: room + 1].rpartition(" ")
    return (whole_words if space else text[:room]) + CUT


def _by_length(words: NDArray[np.int64], wrong: NDArray[np.bool_]) -> tuple[LengthBin, ...]:
    """About BINS bins of as many documents each; documents of one length share a bin."""
    if len(words) == 0:
        return ()
    ordered = np.sort(words)
    cuts = ordered[[len(words) * part // BINS for part in range(1, BINS)]]
    lows = [0, *np.unique(cuts[cuts > ordered[0]]).tolist()]
    highs = [*(low - 1 for low in lows[1:]), None]
    bins = []
    for low, high in zip(lows, highs, strict=True):
        inside = (words >= low) & (words <= (ordered[-1] if high is None else high))
        bins.append(LengthBin(low, high, int(inside.sum()), int(wrong[inside].sum())))
    return tuple(bins)
