"""Always predict the majority class, or the most frequent set of labels."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.data.label_array import Labels

SETTINGS: Mapping[str, float | str] = {}
WORDS = 0  # n-grams counted: none


class Majority:
    """Predicts the shares of the classes in the training documents.

    Where documents have several labels: 1 for the labels of the most frequent set, otherwise 0.
    """

    def __init__(self, classes: int, tokens: Tokens) -> None:
        self._shares = np.full(classes, 1 / classes)

    def fit(self, texts: Sequence[str], labels: Labels) -> None:
        """labels: as in `Documents`."""
        if labels.ndim == 2:
            sets, counts = np.unique(labels, axis=0, return_counts=True)
            self._shares = sets[counts.argmax()].astype(np.float64)
            return
        counts = np.bincount(labels, minlength=len(self._shares))
        self._shares = counts / max(counts.sum(), 1)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes)."""
        return np.tile(self._shares, (len(texts), 1))

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """It reads no words."""
        return 1.0, 1.0

    @property
    def parameters(self) -> int:
        return len(self._shares)
