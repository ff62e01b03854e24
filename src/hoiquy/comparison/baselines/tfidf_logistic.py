"""Logistic regression on TF-IDF features, with scikit-learn's default settings.

Words are weighted by tf-idf with sublinear counts, 1 + log tf (Salton & Buckley 1988).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.tokens import Tokens, known_shares
from hoiquy.data.label_array import Labels

_WORD = r"(?u)\b\w\w+\b"  # scikit-learn's default, used with the lab's tokenizer
SETTINGS: Mapping[str, float | str] = {"sublinear_tf": "yes", "C": 1.0}
WORDS = 1


class TfidfLogistic:
    """Softmax regression with one weight per word and class.

    Where documents have several labels, one regression per label; a label that all or none of the
    training documents have is predicted with probability 1 or 0.
    """

    def __init__(self, classes: int, tokens: Tokens) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._classes = classes
        self._words = TfidfVectorizer(
            sublinear_tf=True, dtype=np.float64, **tokens.counting(_WORD, WORDS)
        )
        self._regression = LogisticRegression(C=1.0, max_iter=1_000)
        self._by_label: list[Any] = []  # a regression per label, or its constant probability

    def fit(self, texts: Sequence[str], labels: Labels) -> None:
        """labels: as in `Documents`. Raises ValueError without words or with a single class."""
        from sklearn.base import clone

        features = self._words.fit_transform(texts)
        if labels.ndim == 1:
            self._regression.fit(features, labels)
            return
        for own in labels.T:
            constant = own.min() == own.max()
            one = float(own[0]) if constant else clone(self._regression).fit(features, own)
            self._by_label.append(one)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes); 0 for a class without training documents."""
        found = np.zeros((len(texts), self._classes))
        if self._by_label:
            features = self._words.transform(texts)
            for label, one in enumerate(self._by_label):
                constant = isinstance(one, float)
                found[:, label] = one if constant else one.predict_proba(features)[:, 1]
            return found
        known = self._regression.classes_
        found[:, known] = self._regression.predict_proba(self._words.transform(texts))
        return found

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """As `known_shares`."""
        return known_shares(self._words, texts)

    @property
    def parameters(self) -> int:
        fitted = [one for one in self._by_label if not isinstance(one, float)]
        regressions = fitted if self._by_label else [self._regression]
        return int(sum(one.coef_.size + one.intercept_.size for one in regressions))
