"""NB-SVM (Wang & Manning 2012) on words and pairs of words; C chosen on a held-out fifth.

Unlike hoiquy's own baseline, which has the paper's settings, it chooses C and does not interpolate
with naive Bayes.
"""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

from judge.words import TOKEN, choose_reading, in_words

PENALTIES = (0.01, 0.1, 1.0)
_ALPHA = 1.0  # added to each count
_ITERATIONS = 400
_FIFTHS, _HELD_OUT = 5, 1


class NbSvm:
    """One machine a class against the rest; one in all for two classes."""

    def __init__(self) -> None:
        self.chosen: Mapping[str, Any] = {}
        self._counter = CountVectorizer(
            ngram_range=(1, 2), token_pattern=TOKEN, binary=True, dtype=np.float64
        )

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> None:
        """labels: (documents,)."""
        self._reading = choose_reading(texts)
        counts = self._counter.fit_transform(in_words(texts, self._reading)).tocsr()
        penalty = _best_penalty(counts, labels, _held_out(texts))
        self.chosen = {"C": penalty}
        self._machines = _Machines(counts, labels, penalty)

    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        counts = self._counter.transform(in_words(texts, self._reading))
        return self._machines.predict(counts)

    def probabilities(self, texts: Sequence[str]) -> None:
        """A support vector machine has margins only."""


class _Machines:
    """The weights of all classes for one C."""

    def __init__(self, counts: Any, labels: NDArray[np.int64], penalty: float) -> None:
        self.labels = np.unique(labels)
        against = self.labels if len(self.labels) > 2 else self.labels[1:]
        fitted = [_fit_one(counts, labels == label, penalty) for label in against]
        self.weights = np.stack([weights for weights, _ in fitted], axis=1)
        self.intercepts = np.array([intercept for _, intercept in fitted])

    def predict(self, counts: Any) -> NDArray[np.int64]:
        margins = counts @ self.weights + self.intercepts
        if len(self.labels) > 2:
            return np.asarray(self.labels[margins.argmax(axis=1)])
        return np.asarray(self.labels[(margins[:, 0] > 0).astype(int)])


def _fit_one(
    counts: Any, is_class: NDArray[np.bool_], penalty: float
) -> tuple[NDArray[np.float64], float]:
    """Weights on the counts and the intercept; counts: sparse (documents, n-grams)."""
    inside = _ALPHA + np.asarray(counts[is_class].sum(axis=0)).ravel()
    outside = _ALPHA + np.asarray(counts[~is_class].sum(axis=0)).ravel()
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    machine = LinearSVC(C=penalty, max_iter=_ITERATIONS, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(counts.multiply(ratio).tocsr(), is_class)
    return ratio * machine.coef_[0], float(machine.intercept_[0])


def _best_penalty(counts: Any, labels: NDArray[np.int64], held_out: NDArray[np.bool_]) -> float:
    """The C of the highest accuracy on the held-out texts; of equals the smallest."""
    if not held_out.any() or len(np.unique(labels[~held_out])) < 2:
        return PENALTIES[len(PENALTIES) // 2]

    def accuracy(penalty: float) -> float:
        machines = _Machines(counts[~held_out], labels[~held_out], penalty)
        return float((machines.predict(counts[held_out]) == labels[held_out]).mean())

    return max(PENALTIES, key=accuracy)


def _held_out(texts: Sequence[str]) -> NDArray[np.bool_]:
    """A fifth of the texts by their hash, so that equal texts are on one side."""
    starts = [hashlib.sha1(text.encode()).digest()[:4] for text in texts]
    return np.array([int.from_bytes(start, "big") % _FIFTHS == _HELD_OUT for start in starts])
