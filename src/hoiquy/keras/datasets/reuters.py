"""The Reuters newswires, as `keras.datasets.reuters`, from Keras' files on this machine."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.keras.datasets.notice import report_once
from hoiquy.keras.datasets.npz import read_npz
from hoiquy.keras.datasets.word_index import find_word_index, keras_folders, read_word_index
from hoiquy.keras.datasets.word_ranks import Options, WordRanks, check_not_empty, shuffled
from hoiquy.keras.errors import KerasError

Part = tuple[NDArray[np.object_], NDArray[np.int64]]

_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TOPICS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
    "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip


def load_data(
    path: str | Path = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    nb_words: int | None = None,
) -> tuple[Part, Part]:
    """Return the newswires as lists of word indices, and their topics.

    Args:
        path: reuters.npz; a name is looked up in `$KERAS_HOME`/datasets, ~/.keras/datasets and the
            current folder. Nothing is downloaded.
        num_words: Indices from this number on become `oov_char`; None for the largest index.
        skip_top: Indices below this number become `oov_char`.
        maxlen: Leave out newswires of `maxlen` indices or more.
        test_split: Fraction of newswires, the last ones, for the test part.
        seed: Of the order of the newswires.
        start_char: Begins each newswire; None for nothing.
        oov_char: In place of words left out; None to drop them.
        index_from: Added to the rank of each word, which counts from 1.
        nb_words: The name of `num_words` in Keras 1.

    Returns:
        The pairs (x_train, y_train) and (x_test, y_test), arrays of lists and of topics 0 to 45.

    Raises:
        DataError: The file is missing or damaged. It is a ValueError.
        KerasError: `test_split` is not from 0 to 1, or all newswires are longer than `maxlen`. It
            is a ValueError.
    """
    if not 0 <= test_split <= 1:
        raise KerasError(f"reuters.load_data: test_split is {test_split}, expected 0 to 1")
    options = Options(num_words or nb_words, skip_top, maxlen, start_char, oov_char, index_from)
    file = _find(path)
    arrays = read_npz(file, ("x", "y"))
    report_once(f"reuters: Keras' file {file}")
    newswires = WordRanks.from_lists(arrays["x"], arrays["y"], str(file))
    generator = np.random.RandomState(seed)
    kept = options.shorter(shuffled(newswires, generator))
    check_not_empty("reuters", maxlen, kept)
    lists = options.lists(kept, options.limit(kept))
    first = int(len(kept) * (1 - test_split))
    return (lists[:first], kept.labels[:first]), (lists[first:], kept.labels[first:])


def get_word_index(path: str | Path = "reuters_word_index.json") -> dict[str, int]:
    """Return the rank of each word, from Keras' file. Raises DataError if it is missing."""
    return read_word_index(_find(path))


def get_label_names() -> tuple[str, ...]:
    """Return the names of the 46 topics, by their number."""
    return _TOPICS


def _find(path: str | Path) -> Path:
    given = Path(path).expanduser()
    if given.is_file():
        return given
    found = find_word_index(given.name, Path())
    if found is None:
        raise DataError(
            f"{given.name} is not on this machine; download {_URL}{given.name} and put it into "
            f"{keras_folders()[0]}"
        )
    return found
