"""Keras' copy of the IMDB reviews: imdb.npz and imdb_word_index.json.

The reviews are lists of word ranks in a pickle. A pickle can run any code when it is read, so the
file is read only if it has the published hash.
"""

import hashlib
import io
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.errors import DataError
from hoiquy.system.bounded_read import read_regular_file

NPZ_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
NPZ_NAME = "imdb.npz"
WORD_INDEX_NAME = "imdb_word_index.json"
CLASSES = ("neg", "pos")

_KERAS_SEED = 113
_MAX_NPZ_BYTES, _MAX_WORD_INDEX_BYTES = 2**26, 2**24  # four and ten times the published sizes


def load_keras_imdb(path: Path, name: str, on_progress: Progress | None = None) -> Dataset:
    """Load imdb.npz and convert its ranks to texts, words joined by spaces.

    The order is that of `keras.datasets.imdb.load_data`, so the tail of the training part is the
    validation set of the lab. Raises DataError if the hash is not the published one (nothing is
    unpickled then), or the word index is missing, damaged or does not fit.
    """
    word_of_rank = _read_word_index(path.with_name(WORD_INDEX_NAME))
    arrays = _read_arrays(path)
    parts: list[Documents] = []
    for part, order in zip(("train", "test"), _keras_order(arrays), strict=True):
        if on_progress is not None:
            on_progress(f"reading {path.name}", len(parts), 2)
        try:
            texts = [
                " ".join([word_of_rank[rank] for rank in ranks]) for ranks in arrays[f"x_{part}"]
            ]
        except KeyError as error:
            raise DataError(
                f"{path.with_name(WORD_INDEX_NAME)} has no word of rank {error}, which "
                f"{path.name} uses; download both files again"
            ) from error
        labels = arrays[f"y_{part}"].astype(np.int32)
        parts.append(Documents(texts, labels).take(order))
    train, test = parts
    description = (
        f"IMDB, the official split as Keras publishes it: {len(train):,} training and "
        f"{len(test):,} test reviews from {path}"
    )
    return Dataset(name, CLASSES, train, test, description, official_test=True)


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return x_train, y_train, x_test and y_test after verifying the hash of the file."""
    try:
        # Hash and unpickle the same bytes: the file cannot be swapped in between.
        content = read_regular_file(path, _MAX_NPZ_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != NPZ_SHA256:
        raise DataError(
            f"{path}: sha256 is {sha256}, expected {NPZ_SHA256} (Keras' imdb.npz); the file holds "
            "a pickle and was not opened: download it again"
        )
    with warnings.catch_warnings(), np.load(io.BytesIO(content), allow_pickle=True) as arrays:
        # NumPy 2.4 deprecates the dtype description of this pickle.
        warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
        return dict(arrays)


def _read_word_index(path: Path) -> dict[int, str]:
    """Return rank → word, from Keras' JSON of word → rank."""
    try:
        ranks = json.loads(read_regular_file(path, _MAX_WORD_INDEX_BYTES))
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}); Keras' imdb.npz needs "
            f"{WORD_INDEX_NAME} next to it"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON ({error}); download it again") from error
    if not isinstance(ranks, dict) or not all(type(rank) is int for rank in ranks.values()):
        raise DataError(f"{path}: expected a JSON object of word: rank; download it again")
    return {rank: word for word, rank in ranks.items()}


def _keras_order(arrays: dict[str, NDArray[Any]]) -> list[NDArray[np.int64]]:
    """Return the two permutations of `keras.datasets.imdb.load_data` with its default seed."""
    # NumPy guarantees that the output of RandomState never changes.
    generator = np.random.RandomState(_KERAS_SEED)
    orders = []
    for part in ("train", "test"):
        order = np.arange(len(arrays[f"y_{part}"]), dtype=np.int64)
        generator.shuffle(order)
        orders.append(order)
    return orders
