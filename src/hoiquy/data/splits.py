"""The fixed rules of order and of splitting. No user's seed ever changes them.

Order. Documents are first put in a canonical order (files: by path), then shuffled by one fixed
permutation, `fixed_order`, so that the tail 10 % of the training part, which is its validation
set, holds all classes fairly. The same documents give the same order on every machine.

Splitting. Where there is no official test part, `hold_out` takes one fifth of each class by the
content of the texts alone: adding a document moves few others.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.content_key import content_key
from hoiquy.data.dataset import Documents

Part = Literal["train", "test"]

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
    texts: Sequence[str], labels: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows into training and test, four to one in each class; both ascending.

    Within a class, documents are sorted by the blake2b of their text and the test part is taken
    from the end. Texts that are equal, white space aside, form a group that stays on one side: a
    group larger than the room left in the test part is passed over, and a text that occurs under
    two labels always stays in training. As long as enough texts are single, as in the two data
    sets that are split by this rule, those behind a passed-over group fill the room, so that the
    test part has exactly `count // 5` documents of each class. It never has more.
    """
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        groups[content_key(text)].append(row)

    test_rows: list[int] = []
    room = {int(label): int(np.sum(labels == label)) // 5 for label in np.unique(labels)}
    for key in sorted(groups, reverse=True):
        rows = groups[key]
        label = int(labels[rows[0]])
        if len(rows) <= room[label] and all(labels[row] == label for row in rows):
            test_rows += rows
            room[label] -= len(rows)

    in_test = np.zeros(len(texts), dtype=bool)
    in_test[test_rows] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
