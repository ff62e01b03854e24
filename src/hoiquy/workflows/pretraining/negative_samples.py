"""Negative samples for sampled softmax, drawn by word frequency."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.kernels import Array
from hoiquy.text import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START

_POWER = 0.75  # Mikolov et al. 2013: rare words are drawn more often than they occur


@dataclass(frozen=True, eq=False)
class NegativeSampler:
    """A distribution over the rows of the embedding."""

    cumulative: NDArray[np.float64]  # (rows,)
    log_expected: Array  # (rows,), log of the expected count of each in a draw; corrects the scores
    drawn: int  # samples of a draw

    @classmethod
    def by_count(cls, counts: NDArray[np.int64], drawn: int, dtype: DTypeLike) -> "NegativeSampler":
        """From the counts of each word in the training documents, (rows,), not all 0."""
        weights = np.where(never_predicted(len(counts)), 0, counts).astype(np.float64) ** _POWER
        shares = weights / weights.sum()
        cumulative = np.cumsum(shares)
        with np.errstate(divide="ignore"):  # words without a count are never drawn
            log_expected = np.log(shares * drawn)
        lowest = np.finfo(np.float32).min / 4  # for words of held-out documents only
        log_expected = np.maximum(log_expected, lowest).astype(dtype)
        return cls(cumulative / cumulative[-1], log_expected, drawn)

    def draw(self, rng: Generator) -> NDArray[np.int32]:
        """(drawn,) rows of the embedding, with repeats."""
        # "right": a row without a share is never drawn, even by a 0
        return np.searchsorted(self.cumulative, rng.random(self.drawn), "right").astype(np.int32)


def never_predicted(rows: int) -> NDArray[np.bool_]:
    """(rows,): True for padding, out-of-vocabulary words and the unused index."""
    never = np.zeros(rows, bool)
    never[[PAD, *range(OUT_OF_VOCABULARY, FIRST_WORD)]] = True
    assert not never[START]
    return never
