"""A linear classifier of n-grams: a weight for each n-gram and class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RunError
from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.tfidf import Tfidf
from hoiquy.text import Tokenizer

Margins = NDArray[np.float64]  # (documents, classes): above 0 where the class is likely


@dataclass(frozen=True, eq=False)
class Weights:
    """coefficients: (columns, classes) float32; intercept: (classes,) float64."""

    coefficients: NDArray[np.float32]
    intercept: NDArray[np.float64]

    def margins(self, rows: Any) -> Margins:
        """The margin of each class for sparse rows of `Features.transform`."""
        return np.asarray(rows @ self.coefficients, np.float64) + self.intercept


def weighted_sum(weights: Sequence[Weights], factors: Sequence[float]) -> Weights:
    """The weights whose margins are the weighted sums of others', as numbers of float16."""
    coefficients = np.zeros_like(weights[0].coefficients)
    intercept = np.zeros_like(weights[0].intercept)
    for one, factor in zip(weights, factors, strict=True):
        coefficients += np.float32(factor) * one.coefficients
        intercept += factor * one.intercept
    return rounded(Weights(coefficients, intercept))


def rounded(weights: Weights) -> Weights:
    """As numbers of float16: one changes by 1/2048 of itself at most, and is half as large."""
    return Weights(weights.coefficients.astype(np.float16).astype(np.float32), weights.intercept)


@dataclass(frozen=True, eq=False)
class LinearClassifier:
    """Features and their weights."""

    features: Features
    weights: Weights

    def margins(self, texts: Sequence[str]) -> Margins:
        """The margin of each class for each text."""
        blocks = self.features.transform_in_blocks(texts)
        return np.concatenate([self.weights.margins(rows) for rows in blocks])

    @property
    def parameters(self) -> int:
        """The number of coefficients and intercepts."""
        return self.weights.coefficients.size + self.weights.intercept.size

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the settings and the tokenizer, by name."""
        tables: dict[str, NDArray[Any]] = {}
        for number, table in enumerate(self.features.tables):
            tables |= {f"keys_{number}": table.keys, f"idf_{number}": table.idf}
        return tables | {
            "words": np.frombuffer(self.features.words, np.uint8),
            "coefficients": self.weights.coefficients.astype(np.float16),
            "intercept": self.weights.intercept,
        }

    @classmethod
    def restored(
        cls,
        settings: NgramSettings,
        tokenizer: Tokenizer,
        arrays: Mapping[str, NDArray[Any]],
        classes: int,
        source: str,
    ) -> "LinearClassifier":
        """Build a classifier from `arrays`. Raises RunError, naming the source, if damaged."""
        try:
            keys = [arrays[f"keys_{number}"] for number in range(settings.kinds)]
            idf = [arrays[f"idf_{number}"] for number in range(settings.kinds)]
            words, coefficients = arrays["words"], arrays["coefficients"]
            intercept = arrays["intercept"]
        except KeyError as error:
            raise RunError(f"{source} is damaged: it has no array {error}") from error
        columns = sum(array.size for array in keys)
        fits = (
            all(map(_are_keys, keys))
            and all(map(_are_weights, idf, map(np.shape, keys), repeat(np.float32)))
            and _are_weights(coefficients, (columns, classes), np.float16)
            and _are_weights(intercept, (classes,), np.float64)
            and words.dtype == np.uint8
            and words.ndim == 1
        )
        if not fits:
            raise RunError(f"{source} is damaged: its arrays do not fit together")
        features = Features(settings, tokenizer, tuple(map(Tfidf, keys, idf)), words.tobytes())
        return cls(features, Weights(coefficients.astype(np.float32), intercept))


def _are_keys(array: NDArray[Any]) -> bool:
    ascending = array.ndim == 1 and bool((array[1:] > array[:-1]).all())
    return array.dtype == np.uint64 and ascending


def _are_weights(array: NDArray[Any], shape: tuple[int, ...], dtype: type) -> bool:
    return array.dtype == dtype and array.shape == shape and bool(np.isfinite(array).all())
