"""Logistic regression on weighted word counts, with scikit-learn's own settings.

Words are weighted by tf-idf with sublinear counts, 1 + log tf (Salton & Buckley 1988).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.baselines.tokens import Tokens, known_shares

_WORD = r"(?u)\b\w\w+\b"  # scikit-learn's, beside the lab's tokenizer
SETTINGS: Mapping[str, float | str] = {"sublinear_tf": "yes", "C": 1.0}
WORDS = 1


class TfidfLogistic:
    """One weight a word and class, and their sum through a softmax."""

    def __init__(self, classes: int, tokens: Tokens) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._classes = classes
        self._words = TfidfVectorizer(
            sublinear_tf=True, dtype=np.float64, **tokens.counting(_WORD, WORDS)
        )
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

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """As `known_shares`."""
        return known_shares(self._words, texts)

    @property
    def parameters(self) -> int:
        return int(self._regression.coef_.size + self._regression.intercept_.size)
