"""The fixed rules of order and of splitting. No user's seed ever changes them.

Order. Documents are first put in a canonical order (files: by path), then shuffled by one fixed
permutation, `fixed_order`, so that the tail 10 % of the training part, which is its validation
set, holds all classes fairly. The test part of a table or of folders is not shuffled. The same
documents give the same order on every machine.

Splitting. Where there is no official test part, `hold_out` takes one fifth of each class by the
content of the texts alone: adding a document moves few others.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Documents
from hoiquy.data.text_key import content_key

Part = Literal["train", "test"]

_AT_ONCE = 10_000  # groups of texts that are Python's numbers at one time
ORDER_KEY = 113  # Keras' own seed for shuffling its IMDB data
_STREAMS: dict[Part, int] = {"train": 0, "test": 1}


def fixed_order(count: int, part: Part) -> NDArray[np.int64]:
    """Return the fixed permutation of `count` documents, (count,) int64.

    It sorts the raw output of Philox: NumPy promises that stream for ever, while what
    `Generator.permutation` makes of it may change from one NumPy to the next (NEP 19).
    """
    key = np.array([ORDER_KEY, _STREAMS[part]], dtype=np.uint64)
    raw = np.random.Philox(key=key).random_raw(count)
    return np.argsort(raw, kind="stable").astype(np.int64)


def in_fixed_order(documents: Documents, part: Part) -> Documents:
    """Return the documents, which are in their canonical order, shuffled by `fixed_order`."""
    return documents.take(fixed_order(len(documents), part))


def hold_out(
    texts: Sequence[str], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows into training and test, four to one in each class; both ascending.

    Within a class, documents are sorted by the blake2b of their text and the test part is taken
    from the end. Texts that are equal, white space aside, form a group that stays on one side: a
    group larger than the room left in the test part is passed over, and a text that occurs under
    two labels always stays in training. As long as enough texts are single, as in the two data
    sets that are split by this rule, those behind a passed-over group fill the room, so that the
    test part has exactly `count // 5` documents of each class. It never has more.

    Where documents have several labels, (documents, classes) of 0 and 1, the "classes" are the
    different sets of labels; those of fewer than five documents count as one.
    """
    if labels.ndim == 2:
        labels = _sets_of_labels(labels)
    room = {int(label): int(np.sum(labels == label)) // 5 for label in np.unique(labels)}
    order, starts = _grouped(texts)
    sizes, first = np.diff(starts), labels[order[starts[:-1]]]
    mixed = np.zeros(len(sizes), bool)
    mixed[np.repeat(np.arange(len(sizes)), sizes)[labels[order] != np.repeat(first, sizes)]] = True
    held_out = np.zeros(len(sizes), bool)
    from_the_end = np.flatnonzero(~mixed)[::-1]
    for begin in range(0, len(from_the_end), _AT_ONCE):
        for group in from_the_end[begin : begin + _AT_ONCE].tolist():
            label, size = int(first[group]), int(sizes[group])
            if size <= room[label]:
                held_out[group] = True
                room[label] -= size
    in_test = np.zeros(len(texts), bool)
    in_test[order] = np.repeat(held_out, sizes)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _sets_of_labels(labels: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """(documents,) a number for the labels of each document: one for all sets that are rare."""
    _, number, count = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    number = number.reshape(-1).astype(np.int64)
    return np.where(count[number] < 5, -1, number)


def _grouped(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers by the content key of their texts, ascending, and where each group starts.

    (texts,) and (groups + 1,). Sixteen bytes a text are all that is kept of them.
    """
    keys = bytearray()
    for text in texts:
        keys += content_key(text)
    # Big-endian, so that numbers are in the order of the bytes.
    high, low = np.frombuffer(keys, ">u8").reshape(-1, 2).T
    order = np.lexsort((low, high))
    differs = (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)
    starts = np.flatnonzero(np.concatenate([[len(order) > 0], differs]))
    return order, np.append(starts, len(order))
