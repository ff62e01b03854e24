"""The words that the right one is compared with: drawn by how frequent they are."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.kernels import Array
from hoiquy.text import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START

_POWER = 0.75  # Mikolov et al. 2013: rare words come more often than they are met


@dataclass(frozen=True, eq=False)
class NegativeSampler:
    """A distribution over the rows of the embedding, from which `drawn` words are taken at once.

    cumulative: (rows,) float64. log_expected: (rows,), the logarithm of how often each is expected
    among them, which the scores are corrected by.
    """

    cumulative: NDArray[np.float64]
    log_expected: Array
    drawn: int

    @classmethod
    def by_count(cls, counts: NDArray[np.int64], drawn: int, dtype: DTypeLike) -> "NegativeSampler":
        """From how often the training pieces hold each word, (rows,); one at least is predicted."""
        weights = np.where(never_predicted(len(counts)), 0, counts).astype(np.float64) ** _POWER
        shares = weights / weights.sum()
        cumulative = np.cumsum(shares)
        with np.errstate(divide="ignore"):  # what is not there is never drawn
            log_expected = np.log(shares * drawn)
        lowest = np.finfo(np.float32).min / 4  # for words of held-out documents alone
        log_expected = np.maximum(log_expected, lowest).astype(dtype)
        return cls(cumulative / cumulative[-1], log_expected, drawn)

    def draw(self, rng: Generator) -> NDArray[np.int32]:
        """(drawn,) rows of the embedding, with repeats."""
        # right: a row that has no share is never met, even by a 0
        return np.searchsorted(self.cumulative, rng.random(self.drawn), "right").astype(np.int32)


def never_predicted(rows: int) -> NDArray[np.bool_]:
    """(rows,): padding, words that are not in the vocabulary, and the index that is never used."""
    never = np.zeros(rows, bool)
    never[[PAD, *range(OUT_OF_VOCABULARY, FIRST_WORD)]] = True
    assert not never[START]  # what comes before a document's first word
    return never
