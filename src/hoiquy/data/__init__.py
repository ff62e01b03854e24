"""Where labelled documents come from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions

if TYPE_CHECKING:
    from hoiquy.data.catalogue import KnownDataset

__all__ = [
    "Dataset",
    "Documents",
    "Progress",
    "TableOptions",
    "fetch",
    "list_datasets",
    "load_dataset",
]


def load_dataset(
    source: Any,
    on_progress: Progress | None = None,
    *,
    options: TableOptions = AS_FOUND,
    test: str | Path | None = None,
    validation: str | Path | None = None,
) -> Dataset:
    """Return the data set of a known name ("imdb", "imdb-train", "rotten"), a path or an object.

    A path may be a table (CSV, TSV, JSON, Parquet, Arrow, Excel) with a text and a label column, a
    folder for each class, a folder in the layout of aclImdb, an aclImdb_v1.tar.gz, or Keras'
    imdb.npz with imdb_word_index.json beside it. A known name wins over a file of that name: write
    "./imdb" for the file. "imdb" is looked for in `$HOIQUY_IMDB`, hoiquy's cache
    (`$HOIQUY_CACHE/datasets`), the current folder, its `data` folder and Keras' cache, and is
    downloaded if it is nowhere. An object may be a pandas or Polars frame, a Hugging Face data
    set, or a list of (text, label) pairs.

    options: which columns, which encoding, what to do about bad rows. test, validation: tables for
    these parts; otherwise they are what a column of splits, or folders or keys of such names, say,
    or a fifth of each class is held out for testing, by a fixed rule.
    The same documents always come in the same order, whatever the seed of a training.
    Raises DataError if the data set is unknown, missing, damaged or unsafe to read, and
    DownloadError if it had to be downloaded and could not be.
    """
    from hoiquy.data.loading import load

    return load(source, on_progress, options, test, validation)


def list_datasets() -> "tuple[KnownDataset, ...]":
    """Return the known names, each with a line about it."""
    from hoiquy.data.catalogue import KNOWN

    return KNOWN


def fetch(name: str, on_progress: Progress | None = None) -> Path:
    """Make a known data set present on this machine and return the file that holds it.

    "imdb" is downloaded into hoiquy's cache unless it is there, whole. The others are installed
    with hoiquy. Raises DataError for an unknown name and DownloadError if a download fails.
    """
    from hoiquy.data.loading import fetch_to_disk

    return fetch_to_disk(name, on_progress)
