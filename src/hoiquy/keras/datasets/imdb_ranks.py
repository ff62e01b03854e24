"""Word ranks of the IMDB reviews, equal to those in Keras' imdb.npz and imdb_word_index.json.

Keras' files were made from the official archive with Python 2: reviews in the order of their file
names, positive ones first; words from bytes, of which only ASCII letters are lower-cased; ranks by
frequency in the training reviews, equal ones in the order of a dict; words that only the test
reviews have are left out. The result has the published md5 of imdb_word_index.json.
"""

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hoiquy.keras.datasets.python2_order import python2_order
from hoiquy.keras.datasets.word_ranks import WordRanks
from hoiquy.keras.preprocessing.words import FILTERS

WORD_INDEX_MD5 = "bfafd718b763782e994055a2d397834f"  # of Keras' imdb_word_index.json

_TO_SPACE = bytes.maketrans(FILTERS.encode("ascii"), b" " * len(FILTERS))


@dataclass(frozen=True, eq=False)
class ImdbRanks:
    """Training and test reviews before shuffling, and the word index as JSON."""

    train: WordRanks
    test: WordRanks
    word_index: bytes

    @cached_property
    def is_keras(self) -> bool:
        """Whether the word index is Keras' own, to the byte."""
        return hashlib.md5(self.word_index, usedforsecurity=False).hexdigest() == WORD_INDEX_MD5


def rank_reviews(
    counted: Sequence[bytes], parts: Sequence[tuple[Sequence[bytes], Sequence[int]]]
) -> ImdbRanks:
    """Return the ranks of the words of reviews.

    Args:
        counted: The reviews whose words are ranked, in order.
        parts: Reviews and labels (1 is positive) of the training and of the test part.
    """
    counts: Counter[bytes] = Counter()
    for review in counted:
        counts.update(words(review))
    ranked = sorted(python2_order(counts), key=counts.__getitem__, reverse=True)
    rank_of = {word: rank for rank, word in enumerate(ranked, 1)}
    train, test = (_ranks(rank_of, reviews, labels) for reviews, labels in parts)
    # A dict in order of ranks was pickled, read and written as JSON: a dict of a dict's order.
    order = python2_order(python2_order(ranked))
    index = {word.decode("utf-8", "surrogateescape"): rank_of[word] for word in order}
    return ImdbRanks(train, test, json.dumps(index).encode("ascii"))


def words(review: bytes) -> list[bytes]:
    """Split a review as Keras' Tokenizer of Python 2."""
    return list(filter(None, review.lower().translate(_TO_SPACE).split(b" ")))


def _ranks(rank_of: dict[bytes, int], reviews: Sequence[bytes], labels: Sequence[int]) -> WordRanks:
    found = array("i")
    ends = []
    for review in reviews:
        found.extend([rank_of[word] for word in words(review) if word in rank_of])
        ends.append(len(found))
    return WordRanks(
        np.array(found, np.int32),
        np.array([0, *ends], np.int64)[:-1],
        np.array(ends, np.int64),
        np.array(labels, np.int64),
    )
