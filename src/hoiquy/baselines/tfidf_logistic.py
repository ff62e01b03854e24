"""Logistic regression on weighted word counts, with scikit-learn's own settings.

Words are weighted by tf-idf with sublinear counts, 1 + log tf (Salton & Buckley 1988).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

SETTINGS: Mapping[str, float | str] = {"sublinear_tf": "yes", "words": "1", "C": 1.0}


class TfidfLogistic:
    """One weight a word and class, and their sum through a softmax."""

    def __init__(self, classes: int) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._classes = classes
        self._words = TfidfVectorizer(sublinear_tf=True, dtype=np.float64)
        self._regression = LogisticRegression(C=1.0, max_iter=1_000)

    def fit(self, texts: Sequence[str], labels: NDArray[np.int32]) -> None:
        """Raises ValueError without words, or with one class only."""
        self._regression.fit(self._words.fit_transform(texts), labels)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes); 0 for a class that no training document has."""
        found = np.zeros((len(texts), self._classes))
        known = self._regression.classes_
        found[:, known] = self._regression.predict_proba(self._words.transform(texts))
        return found

    @property
    def parameters(self) -> int:
        return int(self._regression.coef_.size + self._regression.intercept_.size)
