"""Always the most frequent class: what an accuracy is worth begins here."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.baselines.tokens import Tokens

SETTINGS: Mapping[str, float | str] = {}
WORDS = 0  # it reads none


class Majority:
    """Its probabilities are the shares of the classes in the training documents."""

    def __init__(self, classes: int, tokens: Tokens) -> None:
        self._shares = np.full(classes, 1 / classes)

    def fit(self, texts: Sequence[str], labels: NDArray[np.int32]) -> None:
        counts = np.bincount(labels, minlength=len(self._shares))
        self._shares = counts / max(counts.sum(), 1)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(documents, classes)."""
        return np.tile(self._shares, (len(texts), 1))

    def known(self, texts: Sequence[str]) -> tuple[float, float]:
        """It needs to know nothing of a text."""
        return 1.0, 1.0

    @property
    def parameters(self) -> int:
        return len(self._shares)
