"""The official IMDB layout (Maas et al. 2011): train/neg, train/pos, test/neg, test/pos.

Each review is one .txt file, decoded as latin-1, which gives the lab's vocabulary of 88,584 words.
The 50,000 unlabelled reviews, train/unsup, are for language models only.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents, Progress
from hoiquy.data.imdb.archive import MAX_REVIEW_BYTES, read_archive
from hoiquy.data.splits import Part, in_fixed_order
from hoiquy.errors import DataError
from hoiquy.system.bounded_read import read_regular_file

CLASSES = ("neg", "pos")
UNLABELLED = "unsup"  # a third folder of the training part
PARTS: tuple[Part, ...] = ("train", "test")
ENCODING = "latin-1"

# `Documents.fingerprint` of the official test reviews in their fixed order. Only on exactly
# these texts is an accuracy official.
OFFICIAL_TEST_FINGERPRINT = "58204a68b2d0b2c2904659f4f9955bdfdddf22817f31a738ac6590ee65fbe92b"

_PROGRESS_EVERY = 1000

Reviews = dict[tuple[str, str, str], bytes]
"""(part, class, file name) → the bytes of the review."""


def load_imdb(path: Path, name: str, on_progress: Progress | None = None) -> Dataset:
    """Load the official layout from a folder or a .tar.gz; both give the same data set.

    Raises DataError if something is missing, damaged or unsafe.
    """
    reviews = read_reviews(path, PARTS, CLASSES, on_progress)
    train = _documents(reviews, "train", path)
    test = _documents(reviews, "test", path)
    official = test.fingerprint() == OFFICIAL_TEST_FINGERPRINT
    counts = f"{len(train):,} training and {len(test):,} test reviews from {path}"
    if official:
        description = f"IMDB, the official split: {counts}"
    else:
        description = (
            f"IMDB layout: {counts}; not the official test reviews, so an accuracy on them is not "
            "the official test accuracy"
        )
    return Dataset(name, CLASSES, train, test, description, official)


def load_imdb_texts(
    path: Path, folders: Collection[str], on_progress: Progress | None = None
) -> list[str]:
    """Return the training reviews of the given folders (classes or UNLABELLED), by file name.

    Raises DataError as `load_imdb`, and for a folder without reviews.
    """
    reviews = read_reviews(path, ("train",), folders, on_progress)
    for folder in folders:
        if not any(label == folder for _, label, _ in reviews):
            raise DataError(
                f"{path}: no reviews in train/{folder}; expected .txt files there, as in the "
                "official aclImdb"
            )
    return [reviews[key].decode(ENCODING) for key in sorted(reviews)]


def is_imdb_layout(path: Path) -> bool:
    """Whether a folder, or aclImdb in it, holds reviews train/neg/NUMBER_RATING.txt."""
    folders = [root / "train" / label for root in (path, path / "aclImdb") for label in CLASSES]
    names = (file.name for folder in folders if folder.is_dir() for file in folder.iterdir())
    return any(re.fullmatch(r"\d+_\d+\.txt", name) for name in names)


def read_reviews(
    path: Path, parts: Sequence[str], folders: Collection[str], on_progress: Progress | None
) -> Reviews:
    """Return the bytes of the reviews in these folders of these parts.

    path: a folder or .tar.gz. Raises DataError as `load_imdb`.
    """
    if path.is_dir():
        return _read_folder(path, parts, folders, on_progress)
    return read_archive(path, parts, folders, on_progress)


def _read_folder(
    path: Path, parts: Sequence[str], folders: Collection[str], on_progress: Progress | None
) -> Reviews:
    root = path if (path / "train").is_dir() else path / "aclImdb"
    if not (root / "train").is_dir():
        raise DataError(
            f"{path}: expected the folders train/neg, train/pos, test/neg and test/pos in it, "
            "or in aclImdb inside it"
        )
    reviews: Reviews = {}
    for part in parts:
        for label in folders:
            for file in _review_files(root / part / label):
                try:
                    reviews[part, label, file.name] = read_regular_file(file, MAX_REVIEW_BYTES)
                except OSError as error:
                    raise DataError(f"{file} cannot be read: {error.strerror or error}") from error
                if on_progress is not None and len(reviews) % _PROGRESS_EVERY == 0:
                    on_progress("reading reviews", len(reviews), None)
    return reviews


def _review_files(folder: Path) -> list[Path]:
    try:
        # macOS leaves a hidden "._NAME.txt" for each file that it unpacks.
        return [f for f in folder.iterdir() if f.suffix == ".txt" and not f.name.startswith(".")]
    except OSError as error:
        raise DataError(
            f"{folder} cannot be read ({error.strerror or error}); expected a folder of .txt "
            "reviews there: unpack the whole archive again"
        ) from error


def _documents(reviews: Reviews, part: Part, path: Path) -> Documents:
    """Return one part in its fixed order. Raises DataError for a class without reviews."""
    keys = sorted(key for key in reviews if key[0] == part)
    labels = np.array([CLASSES.index(label) for _, label, _ in keys], dtype=np.int32)
    for number, label in enumerate(CLASSES):
        if not np.any(labels == number):
            raise DataError(
                f"{path}: no reviews in {part}/{label}; expected .txt files there, "
                "as in the official aclImdb"
            )
    texts = [reviews[key].decode(ENCODING) for key in keys]
    return in_fixed_order(Documents(texts, labels), part)
