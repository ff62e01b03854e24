"""NB-SVM: a linear support vector machine on naive Bayes' log-count ratios.

Wang & Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification",
ACL 2012, with their settings: words and pairs of words, there or not there, alpha = 1, C = 1,
beta = 0.25 and, as in their program, no intercept. They report 91.22 % on the official IMDB test
documents. It is hard to beat.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.tokens import Tokens, known_shares
from hoiquy.data.label_array import Labels

# Beside the lab's tokenizer, words are what is between spaces and these marks, and each mark is a
# word (as in the code of Mesnil, Mikolov, Ranzato & Bengio 2015, "Ensemble of generative and
# discriminative techniques for sentiment analysis of movie reviews", arXiv:1412.5335).
_WORD = r'[^\s.,"()!?;:]+|[.,"()!?;:]'
ALPHA, BETA, PENALTY = 1.0, 0.25, 1.0
SETTINGS: Mapping[str, float | str] = {"alpha": ALPHA, "beta": BETA, "C": PENALTY}
WORDS = 2  # and pairs of them


class NbSvm:
    """One classifier a class, against the rest; of two classes, one is enough.

    Where documents have several labels, one a label.
    """

    def __init__(self, classes: int, tokens: Tokens) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._words = CountVectorizer(
            binary=True, dtype=np.float64, **tokens.counting(_WORD, WORDS)
        )
        self._weights: dict[int, NDArray[np.float64]] = {}  # by class: (words and pairs,)
        self._margins = np.full(classes, -np.inf)  # of classes that no documents tell apart
        self._of_two = classes == 2

    def fit(self, texts: Sequence[str], labels: Labels) -> None:
        """Raises ValueError without words, or with one class only. labels: as of `Documents`."""
        there = self._words.fit_transform(texts)
        if labels.ndim == 2:
            self._of_two = False
            for label, own in enumerate(labels.T == 1):
                if own.all():
                    self._margins[label] = np.inf
                elif own.any():
                    self._weights[label] = _fit_one(there, own)
            return
        for label in [1] if self._of_two else np.unique(labels).tolist():
            self._weights[label] = _fit_one(there, labels == label)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes): the margins through a sigmoid, which nothing has calibrated.

        0 for a class that no training document has, 1 for a label that all have.
        """
        there = self._words.transform(texts)
        margins = np.tile(self._margins, (len(texts), 1))
        for label, weights in self._weights.items():
            margins[:, label] = there @ weights
        if self._of_two:
            margins[:, 0] = -margins[:, 1]
        return 0.5 * (1 + np.tanh(0.5 * margins))

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """As `known_shares`."""
        return known_shares(self._words, texts)

    @property
    def parameters(self) -> int:
        return sum(len(weights) for weights in self._weights.values())


def _fit_one(there: Any, is_class: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The weights of a class against the rest.

    there: sparse (documents, words and pairs) of ones. is_class: (documents,).
    """
    from sklearn.svm import LinearSVC

    inside = ALPHA + np.asarray(there[is_class].sum(axis=0)).ravel()
    outside = ALPHA + np.asarray(there[~is_class].sum(axis=0)).ravel()
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    # LIBLINEAR, as in the paper; ten times its own precision, beyond which no answer changes
    machine = LinearSVC(C=PENALTY, fit_intercept=False, tol=0.01, random_state=0)
    scaled = there.copy()
    scaled.data = ratio[there.indices]
    machine.fit(scaled, is_class)
    learnt = machine.coef_.ravel()
    # between naive Bayes, which would weigh all ratios alike, and the support vector machine
    return np.asarray(ratio * ((1 - BETA) * np.abs(learnt).mean() + BETA * learnt))
