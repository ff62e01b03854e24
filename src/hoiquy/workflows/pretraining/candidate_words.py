"""The words that a step's softmax is over: the frequent ones, and a sample of the others.

The sum over all words is estimated by that over the candidates, each sampled word in place of as
many as its probability of being drawn says (importance sampling: Bengio and Senécal 2008).
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.kernels import Array
from hoiquy.text import FIRST_WORD, OUT_OF_VOCABULARY, PAD, START

_POWER = 0.75  # Mikolov et al. 2013: rare words are drawn more often than they occur


@dataclass(frozen=True, eq=False)
class Candidates:
    """Distinct words, and for how many each stands.

    words: (candidates,) rows of the embedding.
    log_weights: (candidates,) added to their scores.
    places: (rows,) where each row of the embedding is among them, -1 for one that is not.
    """

    words: NDArray[np.int32]
    log_weights: Array
    places: NDArray[np.int32]

    @classmethod
    def of(cls, words: NDArray[np.int32], log_weights: Array, rows: int) -> "Candidates":
        places = np.full(rows, -1, np.int32)
        places[words] = np.arange(len(words), dtype=np.int32)
        return cls(words, log_weights, places)


@dataclass(frozen=True, eq=False)
class CandidateSampler:
    """Draws the candidates of each step.

    rows: of the embedding.
    always: words that are always candidates.
    others: the words that are sampled.
    cumulative: (others,) of their probabilities.
    draws: samples of a step.
    dtype: of the weights.
    """

    rows: int
    always: NDArray[np.int32]
    others: NDArray[np.int32]
    cumulative: NDArray[np.float64]
    draws: int
    dtype: DTypeLike

    @classmethod
    def by_count(
        cls, counts: NDArray[np.int64], candidates: int, dtype: DTypeLike
    ) -> "CandidateSampler":
        """Half of the candidates are the most frequent words.

        Args:
            counts: (rows,) of each word in the training documents.
            candidates: How many; all words where there are not more.
            dtype: Of the weights.
        """
        predicted = np.flatnonzero(~never_predicted(len(counts)))
        order = np.argsort(-counts[predicted], kind="stable")
        words: NDArray[np.int32] = predicted[order].astype(np.int32)
        frequent = len(words) if candidates >= len(words) else candidates // 2
        others = words[frequent:]
        cumulative = np.cumsum((counts[others] + 1.0) ** _POWER)
        if len(others):
            cumulative /= cumulative[-1]
        draws = candidates - frequent if len(others) else 0
        return cls(len(counts), words[:frequent], others, cumulative, draws, dtype)

    def draw(self, rng: Generator) -> Candidates:
        """One set of candidates; a word that is drawn twice stands for twice as many."""
        # One draw in each of equal shares of the probability: the sum varies less.
        points = (np.arange(self.draws) + rng.random(self.draws)) / max(self.draws, 1)
        found = np.minimum(np.searchsorted(self.cumulative, points, "right"), len(self.others) - 1)
        places, times = np.unique(found, return_counts=True)
        probabilities = np.diff(self.cumulative, prepend=0.0)[places]
        log_weights = np.zeros(len(self.always) + len(places), self.dtype)
        log_weights[len(self.always) :] = np.log(times / (self.draws * probabilities))
        words = np.concatenate([self.always, self.others[places]])
        return Candidates.of(words, log_weights, self.rows)


def all_words(rows: int, dtype: DTypeLike) -> Candidates:
    """Every word that is predicted."""
    words = np.flatnonzero(~never_predicted(rows)).astype(np.int32)
    return Candidates.of(words, np.zeros(len(words), dtype), rows)


def never_predicted(rows: int) -> NDArray[np.bool_]:
    """(rows,): True for padding, out-of-vocabulary words, the start of a document and the unused
    index."""
    never = np.zeros(rows, bool)
    never[[PAD, START, *range(OUT_OF_VOCABULARY, FIRST_WORD)]] = True
    return never
