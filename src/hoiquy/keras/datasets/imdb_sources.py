"""Where the IMDB reviews are on this machine: Keras' file, the official archive, or a package."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from hoiquy.data.imdb.folder import read_reviews as read_files
from hoiquy.data.imdb.locate import find_imdb
from hoiquy.data.imdb.movie_reviews import locate_csv, read_reviews
from hoiquy.data.splits import hold_out
from hoiquy.errors import DataError
from hoiquy.keras.datasets.imdb_ranks import ImdbRanks, rank_reviews
from hoiquy.keras.datasets.notice import report_once
from hoiquy.keras.datasets.npz import read_npz
from hoiquy.keras.datasets.ranks_cache import cached_ranks
from hoiquy.keras.datasets.word_ranks import WordRanks
from hoiquy.keras.keras_home import keras_home

Kind = Literal["npz", "reviews", "package"]

NPZ_NAME, WORD_INDEX_NAME = "imdb.npz", "imdb_word_index.json"
_CLASSES = ("pos", "neg")  # in the order of Keras' file
_BLOCK = 128  # the package has the files in blocks of so many, each in reverse


@dataclass(frozen=True)
class Source:
    """What there is: Keras' npz file; official reviews in a folder or archive; or the package."""

    kind: Kind
    path: Path


def find_source(path: str | Path) -> Source:
    """Return the first source that is on this machine.

    In order: `path`; `$HOIQUY_IMDB`; the file of that name or imdb.npz in Keras' folder; the places
    of `find_imdb`; the reviews in the package movie-reviews, which is always there.
    """
    given = Path(path).expanduser()
    if given.exists() and str(path) != NPZ_NAME:
        return _source(given)
    in_keras = [
        home / "datasets" / name
        for home in (keras_home(), Path("~/.keras").expanduser())
        for name in (given.name, NPZ_NAME)
    ]
    if not os.environ.get("HOIQUY_IMDB"):
        for npz in in_keras:
            if npz.suffix == ".npz" and npz.is_file():
                return _source(npz)
    found = find_imdb()
    return _source(found) if found is not None else Source("package", locate_csv())


def _source(path: Path) -> Source:
    if path.suffix == ".npz":
        return Source("npz", path)
    if path.is_dir() or path.name.endswith((".tar.gz", ".tgz")):
        return Source("reviews", path)
    raise DataError(f"{path}: expected imdb.npz, aclImdb_v1.tar.gz or the folder aclImdb")


def load_parts(source: Source) -> tuple[WordRanks, WordRanks]:
    """Return training and test reviews before shuffling, and report the source on stderr."""
    if source.kind == "npz":
        names = ("x_train", "y_train", "x_test", "y_test")
        arrays = read_npz(source.path, names)
        report_once(f"imdb: Keras' file {source.path}")
        train, test = (
            WordRanks.from_lists(arrays[f"x_{part}"], arrays[f"y_{part}"], str(source.path))
            for part in ("train", "test")
        )
        return train, test
    ranks = load_ranks(source)
    return ranks.train, ranks.test


def load_ranks(source: Source) -> ImdbRanks:
    """Return the ranks of reviews, and report the source on stderr. Not for an npz file."""
    make = _from_package if source.kind == "package" else _from_reviews
    ranks = cached_ranks(source.path, lambda: make(source.path))
    indices = "with Keras' indices" if ranks.is_keras else "not the official ones"
    counts = f"{len(ranks.train):,} training and {len(ranks.test):,} test reviews"
    if source.kind == "reviews":
        report_once(f"imdb: {counts} from {source.path}, {indices}")
    else:
        report_once(
            f"imdb: {counts}, all from the official training part, as in the package "
            f"movie-reviews, {indices}; for the official split, run hoiquy data fetch imdb, or put "
            f"{NPZ_NAME} into {keras_home() / 'datasets'}"
        )
    return ranks


def _from_reviews(path: Path) -> ImdbRanks:
    """Rank the reviews of the official layout. Raises DataError if something is missing."""
    files = read_files(path, ("train", "test"), _CLASSES, None)
    parts = []
    for part in ("train", "test"):
        keys = [key for label in _CLASSES for key in sorted(files) if key[:2] == (part, label)]
        if {label for _, label, _ in keys} != set(_CLASSES):
            raise DataError(f"{path}: no reviews in {part}/pos or {part}/neg")
        labels = [1 if label == "pos" else 0 for _, label, _ in keys]
        parts.append(([files[key] for key in keys], labels))
    return rank_reviews(parts[0][0], parts)


def _from_package(path: Path) -> ImdbRanks:
    """Rank the labelled training reviews; the test part is held out as in "imdb-train"."""
    documents = read_reviews(path, "imdb")
    _, test = hold_out(documents.texts, documents.labels)
    is_test = np.zeros(len(documents), bool)
    is_test[test] = True
    order = np.concatenate(
        [_official_order(np.flatnonzero(documents.labels == label)) for label in (1, 0)]
    )
    reviews = [text.encode("utf-8", "surrogatepass") for text in documents.texts]
    parts = []
    for rows in (order[~is_test[order]], order[is_test[order]]):
        parts.append(([reviews[row] for row in rows.tolist()], documents.labels[rows].tolist()))
    return rank_reviews([reviews[row] for row in order.tolist()], parts)


def _official_order(rows: np.ndarray) -> np.ndarray:
    """Sort the rows of a class in the package as their files are sorted by name.

    The names are NUMBER_RATING.txt, with numbers from 0.
    """
    places = np.arange(len(rows))
    block_ends = np.minimum((places // _BLOCK + 1) * _BLOCK, len(rows))
    numbers = block_ends - 1 - places % _BLOCK
    return rows[sorted(places.tolist(), key=lambda place: f"{numbers[place]}_")]
