"""Finds the official IMDB reviews on this machine."""

import os
from collections.abc import Iterator
from pathlib import Path

from hoiquy.data.imdb.keras_npz import NPZ_NAME, WORD_INDEX_NAME
from hoiquy.errors import DataError
from hoiquy.system.cache_dir import cache_root

ARCHIVE_NAME = "aclImdb_v1.tar.gz"


def cache_folder() -> Path:
    """Return the folder of downloaded data sets: `$HOIQUY_CACHE/datasets`, or the user's cache."""
    return cache_root() / "datasets"


def find_imdb() -> Path | None:
    """Return the first folder, archive or imdb.npz of the official reviews, or None.

    Search order: `$HOIQUY_IMDB`; then the cache folder, the current folder, its `data` folder and
    Keras' cache, in each aclImdb, aclImdb_v1.tar.gz, and imdb.npz with imdb_word_index.json. Raises
    DataError if `$HOIQUY_IMDB` does not exist.
    """
    chosen = os.environ.get("HOIQUY_IMDB")
    if chosen:
        path = Path(chosen).expanduser()
        if not path.exists():
            raise DataError(f"HOIQUY_IMDB is {chosen!r}, which does not exist; correct or unset it")
        return path
    return next(_present(), None)


def _present() -> Iterator[Path]:
    keras_cache = Path("~/.keras/datasets").expanduser()
    for folder in (cache_folder(), Path(), Path("data"), keras_cache):
        try:
            if (folder / "aclImdb").is_dir():
                yield folder / "aclImdb"
            if (folder / ARCHIVE_NAME).is_file():
                yield folder / ARCHIVE_NAME
            if (folder / NPZ_NAME).is_file() and (folder / WORD_INDEX_NAME).is_file():
                yield folder / NPZ_NAME
        except OSError:  # an unreadable folder
            continue
