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
    """Load a data set.

    The order of the documents is fixed: it does not depend on the seed of a training.

    Args:
        source: A known name ("imdb", "imdb-train", "rotten"), a path or an object. A known name
            takes precedence over a file of that name: write "./imdb" for the file.

            "imdb" is searched in `$HOIQUY_IMDB`, hoiquy's cache (`$HOIQUY_CACHE/datasets`), the
            current folder, its `data` folder and Keras' cache, and downloaded if it is not found.

            A path may be a table (CSV, TSV, JSON, Parquet, Arrow, Excel) with a text and a label
            column, a folder for each class, a folder in the layout of aclImdb, an
            aclImdb_v1.tar.gz, or Keras' imdb.npz next to imdb_word_index.json.

            An object may be a pandas or Polars frame, a Hugging Face data set, or a list of
            (text, label) pairs.
        on_progress: Called with what is being read and how far.
        options: Columns, encoding and treatment of bad rows; unset fields are detected.
        test: Table of test documents. By default a split column, or folders or keys named after
            the parts, decide; without these, 20% of each class are held out by a fixed rule.
        validation: Table of validation documents, with the same defaults.

    Raises:
        DataError: The data set is unknown, missing, damaged or unsafe to read.
        DownloadError: A download failed.
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
