"""Short test documents of a run to try it on, such as on the page of `hoiquy serve`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.nn.metrics import correct_predictions
from hoiquy.runs.misclassified import Count, shortened

MOST = 4  # examples, of different classes
WORDS = 20  # the length that is preferred


@dataclass(frozen=True)
class Example:
    """A test document that the run classified correctly."""

    row: Count  # from 0, in the data set's order
    label: Count | tuple[Count, ...]  # class number; with several labels, ascending
    text: str  # as `shortened` gives it

    def fits(self, classes: int, multilabel: bool) -> bool:
        """Whether its labels fit a run with so many classes."""
        if isinstance(self.label, tuple) != multilabel:
            return False
        numbers = self.label if isinstance(self.label, tuple) else (self.label,)
        return max(numbers, default=0) < classes


def find_examples(
    texts: Sequence[str],
    words: NDArray[np.int64],
    labels: Labels,
    probabilities: NDArray[np.float32],
) -> tuple[Example, ...]:
    """Find one document of each class, or of the MOST most frequent ones.

    Of the documents that were classified correctly, the one whose length is nearest to WORDS is
    taken. words: (documents,), before truncation. labels: (documents,) class numbers, or
    (documents, classes) of 0 and 1. probabilities: (documents, classes).
    """
    is_correct = correct_predictions(labels, probabilities)
    has_label = labels == 1 if labels.ndim == 2 else labels[:, None] == _numbers(probabilities)
    nearest = np.argsort(np.abs(words - WORDS), kind="stable")
    nearest = nearest[is_correct[nearest] & (words[nearest] > 0)]
    chosen: list[int] = []
    for number in _most_frequent(has_label):
        rows = nearest[has_label[nearest, number]]
        rows = rows[~np.isin(rows, chosen)]
        chosen += rows[:1].tolist()
    return tuple(_example(row, texts[row], labels[row]) for row in chosen)


def _numbers(probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.arange(probabilities.shape[1])


def _most_frequent(has_label: NDArray[np.bool_]) -> list[int]:
    """Class numbers, ascending."""
    counts = has_label.sum(axis=0)
    return sorted(np.argsort(-counts, kind="stable")[:MOST].tolist())


def _example(row: int, text: str, label: NDArray[np.integer]) -> Example:
    numbers = tuple(np.flatnonzero(label).tolist()) if np.ndim(label) else int(label)
    return Example(row, numbers, shortened(text))
