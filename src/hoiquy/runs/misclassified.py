"""Misclassified test documents, and errors by length of document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hoiquy.data.label_array import Labels
from hoiquy.nn.metrics import correct_predictions, distribution, predicted_labels

KEPT = 50  # most confident errors
LONGEST_TEXT = 2_000  # characters of a text that are kept
CUT = " …"  # marks the end of a shortened text
BINS = 8  # of documents by length

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class MisclassifiedExample:
    """A misclassified test document.

    label, predicted: different class numbers; with several labels, ascending tuples of them.
    """

    row: Count  # from 0, in the data set's order
    label: Count | tuple[Count, ...]
    predicted: Count | tuple[Count, ...]
    confidence: Annotated[float, Field(ge=0, le=1)]  # see `confidences`
    text: str  # at most LONGEST_TEXT characters; CUT at the end where there was more

    def fits(self, classes: int, multilabel: bool) -> bool:
        """Whether its labels fit a run with so many classes."""
        for labels in (self.label, self.predicted):
            if isinstance(labels, tuple) != multilabel:
                return False
            numbers = labels if isinstance(labels, tuple) else (labels,)
            if max(numbers, default=0) >= classes:
                return False
        return True


@dataclass(frozen=True)
class LengthBin:
    """Test documents of `low` to `high` words, both included; `high` None: no upper end."""

    low: Count
    high: Count | None
    documents: Count
    errors: Count


@dataclass(frozen=True)
class Misclassified:
    """`misclassified.json`: the most confident examples first, and errors by length of document."""

    most_confident: tuple[MisclassifiedExample, ...]
    by_length: tuple[LengthBin, ...]


def find_misclassified(
    texts: Sequence[str],
    words: NDArray[np.int64],
    labels: Labels,
    probabilities: NDArray[np.float32],
) -> Misclassified:
    """Find the most confident errors, and count errors by length.

    words: (documents,), before truncation. labels: (documents,) class numbers, or (documents,
    classes) of 0 and 1. probabilities: (documents, classes).
    """
    multilabel = labels.ndim == 2
    predicted = predicted_labels(probabilities, multilabel)
    is_wrong = ~correct_predictions(labels, probabilities)
    confidence = (
        _confidences_in_errors(labels, probabilities) if multilabel else confidences(probabilities)
    )
    wrong = np.flatnonzero(is_wrong)
    first = wrong[np.argsort(-confidence[wrong], kind="stable")][:KEPT]
    most_confident = tuple(
        MisclassifiedExample(
            row=row,
            label=_numbers(labels[row]),
            predicted=_numbers(predicted[row]),
            confidence=float(confidence[row]),
            text=shortened(texts[row]),
        )
        for row in first.tolist()
    )
    return Misclassified(most_confident, _by_length(words, is_wrong))


def _numbers(labels: Any) -> int | tuple[int, ...]:
    """A class number, or those of a row of 0 and 1."""
    return tuple(np.flatnonzero(labels).tolist()) if np.ndim(labels) else int(labels)


def _confidences_in_errors(
    labels: Labels, probabilities: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(documents,): confidence of the most confident wrong label, 0.5 to 1; 0 without one."""
    of_label = np.where(labels == 1, 1 - probabilities, probabilities).astype(np.float64)
    wrong = predicted_labels(probabilities, multilabel=True) != labels
    return np.asarray(np.where(wrong, of_label, 0.0).max(axis=1))


def confidences(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """(documents,): the output of the predicted class divided by the sum of all outputs.

    Sigmoid outputs need not add up to 1. If all are 0, every class is equally likely.
    """
    return np.asarray(distribution(probabilities).max(axis=1))


def shortened(text: str) -> str:
    """The text, cut between two words if longer than LONGEST_TEXT characters."""
    # JSON data may have lone surrogates, which UTF-8 cannot encode.
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_TEXT:
        return text
    room = LONGEST_TEXT - len(CUT)
    whole_words, space, _ = text[: room + 1].rpartition(" ")
    return (whole_words if space else text[:room]) + CUT


def _by_length(words: NDArray[np.int64], wrong: NDArray[np.bool_]) -> tuple[LengthBin, ...]:
    """About BINS bins of equally many documents; documents of one length share a bin."""
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
