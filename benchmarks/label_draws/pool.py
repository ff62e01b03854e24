"""The texts of a set: to draw labels of, without labels, and to score on."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.imdb.folder import CLASSES, ENCODING, UNLABELLED, Reviews, read_reviews
from hoiquy.data.splits import hold_out
from hoiquy.errors import DataError
from judge.sets import TEST, TRAIN, read_set
from label_draws.stratified import stratified_rows

# The reviews of a film have neighbouring numbers, so no film is on both sides.
_FILMS, _HELD_OUT_FROM = 500, 400  # of each 500 numbers, those from 400 on


@dataclass(frozen=True)
class Pool:
    """A set in memory; labels are numbers of `classes`."""

    name: str
    classes: tuple[str, ...]
    texts: list[str]
    labels: NDArray[np.int64]  # (texts,)
    unlabelled: list[str]  # besides the texts whose labels are not drawn
    test_texts: list[str]
    test_labels: NDArray[np.int64]  # (test texts,)

    def digest(self) -> str:
        """What changes with any text or label."""
        digest = hashlib.sha256(
            repr((self.classes, len(self.texts), len(self.unlabelled))).encode()
        )
        for text in (*self.texts, *self.unlabelled, *self.test_texts):
            digest.update(hashlib.sha256(text.encode()).digest())
        digest.update(self.labels.tobytes() + self.test_labels.tobytes())
        return digest.hexdigest()[:16]


def load_pool(path: Path, dev: bool, test_documents: int | None) -> Pool:
    """Load a labelled set, or the official reviews.

    Args:
        path: A folder with train.csv and test.csv, or aclImdb as a folder or archive.
        dev: Score on a held-out part of the training texts; the test texts are not read then.
        test_documents: Score on so many, drawn once for all; None for all.

    Raises:
        DataError: The texts cannot be read, or there are fewer to score on.
    """
    is_set = all((path / name).is_file() for name in (TRAIN, TEST))
    pool = _labelled_set(path, dev) if is_set else _reviews(path, dev)
    if test_documents is None:
        return pool
    if not len(pool.classes) <= test_documents <= len(pool.test_texts):
        raise DataError(
            f"{pool.name} has {len(pool.test_texts):,} texts to score on, not {test_documents:,}"
        )
    rows = stratified_rows(pool.test_labels, test_documents, seed=0)
    return replace(
        pool, test_texts=_taken(pool.test_texts, rows), test_labels=pool.test_labels[rows]
    )


def _labelled_set(folder: Path, dev: bool) -> Pool:
    """dev: a fifth of each class of the training texts, by their content."""
    found = read_set(folder)
    pool = Pool(found.name, found.classes, found.texts, found.labels, [], found.test_texts,
                found.test_labels)  # fmt: skip
    return _held_out(pool, *hold_out(pool.texts, pool.labels)) if dev else pool


def _reviews(path: Path, dev: bool) -> Pool:
    """dev: the reviews of a fifth of the films."""
    reviews = read_reviews(path, ("train",), (*CLASSES, UNLABELLED), None)
    texts, labels, films = _labelled(reviews)
    unlabelled = [reviews[key].decode(ENCODING) for key in sorted(reviews) if key[1] == UNLABELLED]
    pool = Pool("imdb", CLASSES, texts, labels, unlabelled, [], labels[:0])
    if dev:
        is_held_out = films >= _HELD_OUT_FROM
        return _held_out(pool, np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out))
    test_texts, test_labels, _ = _labelled(read_reviews(path, ("test",), CLASSES, None))
    return replace(pool, test_texts=test_texts, test_labels=test_labels)


def _labelled(reviews: Reviews) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Texts, labels and the numbers of their files modulo _FILMS, in a fixed order."""
    keys = sorted(key for key in reviews if key[1] in CLASSES)
    numbers = [int(name.partition("_")[0]) % _FILMS for _, _, name in keys]
    labels = [CLASSES.index(label) for _, label, _ in keys]
    texts = [reviews[key].decode(ENCODING) for key in keys]
    return texts, np.array(labels, np.int64), np.array(numbers, np.int64)


def _held_out(pool: Pool, kept: NDArray[np.int64], tested: NDArray[np.int64]) -> Pool:
    """Rows of the training texts instead of the test texts."""
    return replace(
        pool, texts=_taken(pool.texts, kept), labels=pool.labels[kept],
        test_texts=_taken(pool.texts, tested), test_labels=pool.labels[tested],
    )  # fmt: skip


def _taken(texts: Sequence[str], rows: Iterable[int]) -> list[str]:
    return [texts[row] for row in rows]
