"""Test documents that are training documents too."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.text_key import content_key

_LOOK, _BEGINNING = 64, 30  # characters looked at, and how many of them without white space


def duplicated_rows(dataset: Dataset) -> NDArray[np.int64]:
    """Test documents whose text, white space aside, is in the training part too; ascending.

    Documents of white space alone do not count. Most texts begin in a way of their own, so that
    few are hashed whole: that makes it several times faster.
    """
    if dataset.duplicates is not None:
        return dataset.duplicates
    train, test = dataset.train.texts, dataset.test.texts
    train_beginnings, test_beginnings = _beginnings(train), _beginnings(test)
    nothing = hash("")
    in_both = np.setdiff1d(np.intersect1d(train_beginnings, test_beginnings), [nothing])
    train_rows = np.flatnonzero(np.isin(train_beginnings, in_both))
    test_rows = np.flatnonzero(np.isin(test_beginnings, in_both)).tolist()
    learnt = {content_key(train[row]) for row in train_rows.tolist()}
    return np.array([row for row in test_rows if content_key(test[row]) in learnt], np.int64)


def _beginnings(texts: Sequence[str]) -> NDArray[np.int64]:
    """Of each text a number for its first characters that are no white space.

    Equal for texts of one content; others may share one by chance, in one process or another.
    """
    return np.fromiter((hash(_beginning(text)) for text in texts), np.int64, len(texts))


def _beginning(text: str) -> str:
    beginning = "".join(text[:_LOOK].split())
    if len(beginning) < _BEGINNING and len(text) > _LOOK:
        beginning = "".join(text.split())
    return beginning[:_BEGINNING]
