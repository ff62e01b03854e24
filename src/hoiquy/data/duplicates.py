"""Finds test documents that are also training documents."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.text_key import squeezed, text_key

_INSPECTED, _PREFIX = 64, 30  # characters inspected, and how many are kept without white space


def document_keys(dataset: Dataset) -> set[bytes]:
    """The `text_key` of every document, of all parts."""
    parts = [dataset.train, dataset.test, *([dataset.validation] if dataset.validation else [])]
    return {text_key(text) for part in parts for text in part.texts}


def duplicated_rows(dataset: Dataset) -> NDArray[np.int64]:
    """Return the test rows whose `text_key` a training text has, too; ascending.

    Blank documents do not count. Prefixes are compared first, which is several times faster than
    hashing all texts completely.
    """
    if dataset.duplicates is not None:
        return dataset.duplicates
    train, test = dataset.train.texts, dataset.test.texts
    train_prefixes, test_prefixes = _prefix_hashes(train), _prefix_hashes(test)
    in_both = np.setdiff1d(np.intersect1d(train_prefixes, test_prefixes), [hash("")])
    train_rows = np.flatnonzero(np.isin(train_prefixes, in_both))
    test_rows = np.flatnonzero(np.isin(test_prefixes, in_both)).tolist()
    train_keys = {text_key(train[row]) for row in train_rows.tolist()}
    return np.array([row for row in test_rows if text_key(test[row]) in train_keys], np.int64)


def _prefix_hashes(texts: Sequence[str]) -> NDArray[np.int64]:
    """(texts,) hashes of the first characters; equal for texts with an equal `text_key`."""
    return np.fromiter((hash(_prefix(text)) for text in texts), np.int64, len(texts))


def _prefix(text: str) -> str:
    prefix = squeezed(text[:_INSPECTED])
    if len(prefix) <= _PREFIX and len(text) > _INSPECTED:  # the last letter may miss its accents
        prefix = squeezed(text)
    return prefix[:_PREFIX]
