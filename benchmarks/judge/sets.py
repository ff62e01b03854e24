"""Labelled sets: folders with train.csv and test.csv, header text,label."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError

TRAIN, TEST = "train.csv", "test.csv"
_HINT = (
    "name a folder of labelled sets, each a folder with train.csv and test.csv (header "
    "text,label): make judge SETS=folder"
)
_LONGEST_CELL = 2**27  # characters


@dataclass(frozen=True)
class LabelledSet:
    """A set in memory; labels are numbers of `classes`, which are sorted."""

    folder: Path
    name: str
    digest: str  # of both files
    classes: tuple[str, ...]  # of both files
    texts: list[str]
    labels: NDArray[np.int64]  # (training documents,)
    test_texts: list[str]
    test_labels: NDArray[np.int64]  # (test documents,)

    @property
    def train_path(self) -> Path:
        return self.folder / TRAIN

    @property
    def test_path(self) -> Path:
        return self.folder / TEST

    @cached_property
    def megabytes(self) -> float:
        """The size of the training file."""
        return self.train_path.stat().st_size / 1e6


def find_sets(places: Iterable[Path]) -> list[Path]:
    """The folders of all sets in order of name; a place is a set, or a folder of sets.

    Raises DataError if a place holds none, or two sets have one name.
    """
    found: dict[str, Path] = {}
    for place in places:
        inside = [place] if _is_set(place) else sorted(filter(_is_set, _folders(place)))
        if not inside:
            raise DataError(f"no labelled sets in {place}: {_HINT}")
        for folder in inside:
            name = folder.resolve().name
            if found.setdefault(name, folder).resolve() != folder.resolve():
                raise DataError(f"{found[name]} and {folder} have the same name: rename one")
    if not found:
        raise DataError(f"no labelled sets: {_HINT}")
    return [found[name] for name in sorted(found)]


def read_set(folder: Path) -> LabelledSet:
    """Read both files. Raises DataError, which names the file and the row, if one is not valid."""
    texts, labels = _read_rows(folder / TRAIN)
    test_texts, test_labels = _read_rows(folder / TEST)
    if len(set(labels)) < 2:
        raise DataError(f"{folder / TRAIN} has one class only: expected at least two")
    classes = sorted({*labels, *test_labels})
    return LabelledSet(
        folder, folder.resolve().name, _digest(folder), tuple(classes),
        texts, _numbers(labels, classes), test_texts, _numbers(test_labels, classes),
    )  # fmt: skip


def _is_set(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (TRAIN, TEST))


def _folders(place: Path) -> list[Path]:
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []


def _read_rows(path: Path) -> tuple[list[str], list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"text", "label"} <= set(reader.fieldnames or ()):
                raise DataError(f"{path} has the columns {reader.fieldnames}: expected text,label")
            rows = [(row["text"], row["label"]) for row in reader]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    for number, (text, label) in enumerate(rows, start=1):
        if not (text or "").strip() or not label:
            raise DataError(f"{path}, row {number}: expected a text and a label")
    if not rows:
        raise DataError(f"{path} has no rows")
    texts, labels = zip(*rows, strict=True)
    return list(texts), list(labels)


def _numbers(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    number_of = {label: number for number, label in enumerate(classes)}
    return np.array([number_of[label] for label in labels], np.int64)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (TRAIN, TEST):
        content = (folder / name).read_bytes()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:16]
