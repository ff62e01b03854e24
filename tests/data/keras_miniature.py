"""A miniature of Keras' imdb.npz and of its word index."""

from pathlib import Path
from typing import Any

import numpy as np

WORD_INDEX = {"the": 1, "film": 2, "caf\xe9": 3, "l\x85a": 4}
TRAIN = [[1, 2], [3], [], [4, 4, 1], [2]]
TEST = [[2, 1], [1], [3, 3]]


def ragged(rows: list[Any]) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        array[place] = row
    return array


def write_npz(folder: Path, train: list[Any] = TRAIN) -> Path:
    path = folder / "imdb.npz"
    np.savez(
        path,
        x_train=ragged(train),
        y_train=np.arange(len(train)) % 2,
        x_test=ragged(TEST),
        y_test=np.array([1, 0, 1]),
    )
    return path
