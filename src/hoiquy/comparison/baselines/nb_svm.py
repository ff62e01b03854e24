"""NB-SVM: a linear support vector machine on naive Bayes' log-count ratios.

Wang & Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification",
ACL 2012, with their settings: binary unigrams and bigrams, alpha = 1, C = 1, beta = 0.25 and, as
in their program, no intercept. They report 91.22% on the official IMDB test documents.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.tokens import Tokens, known_shares
from hoiquy.data.label_array import Labels

# With the lab's tokenizer, words are separated by spaces and these marks, and each mark is a
# word (as in the code of Mesnil, Mikolov, Ranzato & Bengio 2015, "Ensemble of generative and
# discriminative techniques for sentiment analysis of movie reviews", arXiv:1412.5335).
_WORD = r'[^\s.,"()!?;:]+|[.,"()!?;:]'
ALPHA, BETA, PENALTY = 1.0, 0.25, 1.0
SETTINGS: Mapping[str, float | str] = {"alpha": ALPHA, "beta": BETA, "C": PENALTY}
WORDS = 2  # n-grams up to this length


class NbSvm:
    """One classifier per class against the rest; for two classes, one is enough.

    Where documents have several labels, one per label.
    """

    def __init__(self, classes: int, tokens: Tokens) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._words = CountVectorizer(
            binary=True, dtype=np.float64, **tokens.counting(_WORD, WORDS)
        )
        self._weights: dict[int, NDArray[np.float64]] = {}  # by class: (n-grams,)
        self._margins = np.full(classes, -np.inf)  # of classes without a classifier
        self._is_binary = classes == 2

    def fit(self, texts: Sequence[str], labels: Labels) -> None:
        """labels: as in `Documents`. Raises ValueError without words or with a single class."""
        counts = self._words.fit_transform(texts)
        if labels.ndim == 2:
            self._is_binary = False
            for label, own in enumerate(labels.T == 1):
                if own.all():
                    self._margins[label] = np.inf
                elif own.any():
                    self._weights[label] = _fit_one(counts, own)
            return
        for label in [1] if self._is_binary else np.unique(labels).tolist():
            self._weights[label] = _fit_one(counts, labels == label)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes): uncalibrated: the margins through a sigmoid.

        0 for a class without training documents, 1 for a label that all of them have.
        """
        counts = self._words.transform(texts)
        margins = np.tile(self._margins, (len(texts), 1))
        for label, weights in self._weights.items():
            margins[:, label] = counts @ weights
        if self._is_binary:
            margins[:, 0] = -margins[:, 1]
        return 0.5 * (1 + np.tanh(0.5 * margins))

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """As `known_shares`."""
        return known_shares(self._words, texts)

    @property
    def parameters(self) -> int:
        return sum(len(weights) for weights in self._weights.values())


def _fit_one(counts: Any, is_class: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The weights of a class against the rest.

    counts: sparse (documents, n-grams) of ones. is_class: (documents,).
    """
    from sklearn.svm import LinearSVC

    inside = ALPHA + np.asarray(counts[is_class].sum(axis=0)).ravel()
    outside = ALPHA + np.asarray(counts[~is_class].sum(axis=0)).ravel()
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    # LIBLINEAR, as in the paper; a smaller tol than its default changes no prediction
    machine = LinearSVC(C=PENALTY, fit_intercept=False, tol=0.01, random_state=0)
    scaled = counts.copy()
    scaled.data = ratio[counts.indices]
    machine.fit(scaled, is_class)
    learned = machine.coef_.ravel()
    # interpolates between naive Bayes, with equal weights, and the support vector machine
    return np.asarray(ratio * ((1 - BETA) * np.abs(learned).mean() + BETA * learned))
