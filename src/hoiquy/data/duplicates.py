"""Test documents that are training documents too."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.content_key import content_key
from hoiquy.data.dataset import Dataset

_LOOK, _BEGINNING = 64, 30  # characters looked at, and how many of them without white space


def duplicated_rows(dataset: Dataset) -> NDArray[np.int64]:
    """Test documents whose text, white space aside, is in the training part too; ascending.

    Documents of white space alone do not count. Most texts begin in a way of their own, so that
    few are hashed whole: that makes it several times faster.
    """
    train, test = dataset.train.texts, dataset.test.texts
    train_beginnings, test_beginnings = _beginnings(train), _beginnings(test)
    in_both = set(train_beginnings) & set(test_beginnings) - {""}
    learnt = {
        content_key(text)
        for text, beginning in zip(train, train_beginnings, strict=True)
        if beginning in in_both
    }
    found = [
        row
        for row, (text, beginning) in enumerate(zip(test, test_beginnings, strict=True))
        if beginning in in_both and content_key(text) in learnt
    ]
    return np.asarray(found, np.int64)


def _beginnings(texts: Sequence[str]) -> list[str]:
    """The first characters of each text that are no white space: equal for texts of one content."""
    return [_beginning(text) for text in texts]


def _beginning(text: str) -> str:
    beginning = "".join(text[:_LOOK].split())
    if len(beginning) < _BEGINNING and len(text) > _LOOK:
        beginning = "".join(text.split())
    return beginning[:_BEGINNING]
