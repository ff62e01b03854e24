"""NB-SVM: a linear support vector machine on naive Bayes' log-count ratios.

Wang & Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification",
ACL 2012, with their settings: single words and pairs of words, there or not there, alpha = 1,
C = 1, beta = 0.25. They report 91.22 % on the official IMDB test documents. It is hard to beat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHA, BETA, PENALTY = 1.0, 0.25, 1.0
SETTINGS: Mapping[str, float | str] = {"words": "1-2", "alpha": ALPHA, "beta": BETA, "C": PENALTY}


@dataclass(frozen=True)
class _Line:
    """A class against the rest: a document's margin is its weights added up, and the intercept."""

    weights: NDArray[np.float64]  # (words and pairs,)
    intercept: float


class NbSvm:
    """One classifier a class, against the rest; of two classes, one is enough."""

    def __init__(self, classes: int) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._classes = classes
        self._words = CountVectorizer(
            ngram_range=(1, 2), binary=True, token_pattern=r"(?u)\b\w+\b", dtype=np.float64
        )
        self._lines: dict[int, _Line] = {}

    def fit(self, texts: Sequence[str], labels: NDArray[np.int32]) -> None:
        """Raises ValueError without words, or with one class only."""
        there = self._words.fit_transform(texts)
        for label in [1] if self._classes == 2 else np.unique(labels).tolist():
            self._lines[label] = _fit_line(there, labels == label)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes): the margins through a sigmoid, which nothing has calibrated.

        0 for a class that no training document has.
        """
        there = self._words.transform(texts)
        margins = np.full((len(texts), self._classes), -np.inf)
        for label, line in self._lines.items():
            margins[:, label] = there @ line.weights + line.intercept
        if self._classes == 2:
            margins[:, 0] = -margins[:, 1]
        return 0.5 * (1 + np.tanh(0.5 * margins))

    @property
    def parameters(self) -> int:
        return sum(len(line.weights) + 1 for line in self._lines.values())


def _fit_line(there: Any, is_class: NDArray[np.bool_]) -> _Line:
    """there: sparse (documents, words and pairs) of zeros and ones. is_class: (documents,)."""
    from sklearn.svm import LinearSVC

    inside = ALPHA + np.asarray(there[is_class].sum(axis=0)).ravel()
    outside = ALPHA + np.asarray(there[~is_class].sum(axis=0)).ravel()
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    machine = LinearSVC(C=PENALTY, random_state=0)  # LIBLINEAR, as in the paper
    machine.fit(_scaled(there, ratio), is_class)
    learnt = machine.coef_.ravel()
    # between naive Bayes, whose weights are all alike here, and the support vector machine
    mixed = (1 - BETA) * np.abs(learnt).mean() + BETA * learnt
    return _Line(ratio * mixed, float(machine.intercept_[0]))


def _scaled(there: Any, ratio: NDArray[np.float64]) -> Any:
    """The columns of a sparse matrix of ones times `ratio`."""
    scaled = there.copy()
    scaled.data = ratio[there.indices]
    return scaled
