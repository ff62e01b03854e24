"""The fixed shuffling and the fixed train/test split; both are independent of seeds.

Order: documents are first put in a canonical order (files: by path), then shuffled by a fixed
permutation, `fixed_order`, so that the last 10% of the training part, the default validation set,
contain all classes. Test parts of tables and folders are not shuffled.

Split: without a given test part, `hold_out` takes 20% of each class by the content of the texts
only, so that adding a document moves few others.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Documents
from hoiquy.data.text_key import text_key

Part = Literal["train", "test"]

_AT_ONCE = 10_000  # groups converted to Python integers at a time
ORDER_KEY = 113  # Keras' own seed for shuffling its IMDB data
_STREAMS: dict[Part, int] = {"train": 0, "test": 1}


def fixed_order(count: int, part: Part) -> NDArray[np.int64]:
    """Return the fixed permutation of `count` documents, (count,) int64.

    It sorts the raw output of Philox, which NumPy guarantees for ever; `Generator.permutation` may
    change between versions (NEP 19).
    """
    key = np.array([ORDER_KEY, _STREAMS[part]], dtype=np.uint64)
    raw = np.random.Philox(key=key).random_raw(count)
    return np.argsort(raw, kind="stable").astype(np.int64)


def in_fixed_order(documents: Documents, part: Part) -> Documents:
    """Shuffle documents in canonical order by `fixed_order`."""
    return documents.take(fixed_order(len(documents), part))


def hold_out(
    texts: Sequence[str], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows into training and test, four to one in each class; both ascending.

    Within a class, documents are sorted by the blake2b of their text, and the test part is taken
    from the end. Texts that are equal except for white space form a group, which is never divided:
    a group larger than the remaining room in the test part is skipped, and a text with two labels
    stays in training. The test part has exactly `count // 5` documents of each class if there are
    enough unique texts, as in the built-in data sets, and never more.

    For several labels a document, (documents, classes) of 0 and 1, the "classes" are the distinct
    sets of labels; sets of fewer than five documents count as one.
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
    """(documents,) the number of each document's set of labels; -1 for rare sets."""
    _, number, count = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    number = number.reshape(-1).astype(np.int64)
    return np.where(count[number] < 5, -1, number)


def _grouped(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows sorted by content key, (texts,), and where each group starts, (groups + 1,).

    Memory: 16 bytes a text.
    """
    keys = bytearray()
    for text in texts:
        keys += text_key(text)
    # Big-endian, so that integers sort as the bytes.
    high, low = np.frombuffer(keys, ">u8").reshape(-1, 2).T
    order = np.lexsort((low, high))
    differs = (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)
    starts = np.flatnonzero(np.concatenate([[len(order) > 0], differs]))
    return order, np.append(starts, len(order))
