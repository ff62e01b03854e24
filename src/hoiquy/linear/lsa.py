"""Latent semantic analysis: the directions in which the words of many texts vary most.

Deerwester et al. 1990, "Indexing by latent semantic analysis", JASIS 41. They need no labels, so a
classifier of few of them learns from few labels. It is a linear classifier of words again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.model import Weights, rounded
from hoiquy.text import Tokenizer

DIMENSIONS = 100
_WORDS = NgramSettings(words=1, characters=None, most=30_000, binary=True)
_PENALTY = 0.1  # C of scikit-learn, for rows of length √dimensions
_ROUNDS = 4  # of the randomised decomposition (Halko et al. 2011)
_MOST_STEPS = 300
_ABSENT = -30.0  # the margin of a class without texts


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """Directions among the TF-IDF weights of words.

    Attributes:
        features: The words.
        directions: (columns, dimensions) float32, the most important one first.
        lengths: (dimensions,) how long texts are along the directions up to each, on average.
    """

    features: Features
    directions: NDArray[np.float32]
    lengths: NDArray[np.float64]

    @classmethod
    def fit(cls, tokenizer: Tokenizer, texts: Sequence[str], seed: int) -> "LatentSpace":
        """Find the directions of texts; fewer than `DIMENSIONS` of few texts or words.

        The bits do not depend on the number of threads.
        """
        from sklearn.decomposition import TruncatedSVD

        features = Features.fit(_WORDS, tokenizer, texts)
        rows = features.transform(texts)
        dimensions = min(DIMENSIONS, min(rows.shape) - 1)
        if dimensions < 1:
            return cls(features, np.zeros((len(features), 0), np.float32), np.zeros(0))
        svd = TruncatedSVD(dimensions, n_iter=_ROUNDS, random_state=seed % 2**32)
        with threadpool_limits(limits=1):
            projected = svd.fit_transform(rows)
        lengths = np.sqrt(np.cumsum(np.square(projected), axis=1)).mean(axis=0)
        return cls(features, np.ascontiguousarray(svd.components_.T, np.float32), lengths)

    def project(self, rows: Any) -> NDArray[np.float32]:
        """Sparse rows of the features → (texts, dimensions)."""
        return np.asarray(rows @ self.directions)

    def fit_weights(
        self, projected: NDArray[np.float32], labels: NDArray[np.integer[Any]], classes: int,
        dimensions: int,
    ) -> Weights:  # fmt: skip
        """Logistic regression on the first directions, as weights of the words.

        Args:
            projected: (texts, dimensions), from `project`.
            labels: (texts,), of which there are two different ones or more.
            classes: Their number; one without texts gets a very low margin.
            dimensions: How many directions count.
        """
        from sklearn.linear_model import LogisticRegression

        machine = LogisticRegression(C=_PENALTY, max_iter=_MOST_STEPS)
        scale = np.sqrt(dimensions) / max(self.lengths[dimensions - 1], 1e-6)
        with threadpool_limits(limits=1):
            machine.fit(scale * projected[:, :dimensions].astype(np.float64), labels)
        found, intercept = machine.classes_, machine.intercept_
        own = scale * machine.coef_
        if len(found) == 2:
            own, intercept = np.stack([-own[0], own[0]]) / 2, np.append(-intercept, intercept) / 2
        coefficients = np.zeros((len(self.features), classes), np.float32)
        intercepts = np.full(classes, _ABSENT)
        coefficients[:, found] = self.directions[:, :dimensions] @ own.T.astype(np.float32)
        intercepts[found] = intercept
        return rounded(Weights(coefficients, intercepts))
