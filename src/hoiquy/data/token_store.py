"""A token store: documents that `hoiquy encode` has turned into numbers, read without encoding.

    train-tokens-00000.bin …  train-starts.bin  train-labels.bin    the same of validation and test
    test-texts.bin  test-text-starts.bin  test-duplicates.bin  test-lines.bin
    vocabulary.txt  ngrams.txt  subwords.model  store.json  manifest.json

Tokens and labels are little-endian int32, the others int64; where documents have several labels,
these are bytes, 0 or 1 for each class. No document reaches from one file of tokens into the next.
Everything is mapped: what is read of it lies in the system's page cache. Of the documents that are
learnt from there is no text here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.errors import DataError
from hoiquy.system.checksummed_files import read_checksummed, read_manifest
from hoiquy.system.json_files import parse_json

STORE = "store.json"
PARTS = ("train", "validation", "test")
TEXTS, TEXT_STARTS, DUPLICATES = "test-texts.bin", "test-text-starts.bin", "test-duplicates.bin"
LINES = "test-lines.bin"  # where the documents come from a table or folders


@dataclass(frozen=True)
class PartFacts:
    """Documents of a part, and the tokens in each of its files."""

    documents: int
    tokens: list[int]


@dataclass(frozen=True)
class StoreFacts:
    """`store.json` of a store that is whole.

    fingerprints: of the data set's parts "train" (with what is validated on, unless that was
    given), "test", and "validation" where it was given. text: the recipe's table.
    validation_fraction: the recipe's; None where the validation part was given.
    columns: of a table, as `Dataset.columns`.
    """

    kind: Literal["store"]
    whole: Literal[True]
    hoiquy: str  # version
    name: str  # the data set's, as are the others down to the fingerprints
    description: str
    official_test: bool
    classes: list[str]
    fingerprints: dict[str, str]
    recipe: str  # its name
    text: dict[str, Any]
    validation_fraction: float | None
    parts: dict[str, PartFacts]
    multilabel: bool = False  # labels are then uint8, (documents, classes), not class numbers
    columns: dict[Literal["text", "label"], str] | None = None

    @property
    def documents(self) -> int:
        """Of all parts."""
        return sum(part.documents for part in self.parts.values())

    @property
    def tokens(self) -> int:
        """Of all parts, with a mark at the start of each document."""
        return sum(sum(part.tokens) for part in self.parts.values())


@dataclass(frozen=True, eq=False)
class TokenStore:
    """A store that was read; nothing of it lies in memory."""

    folder: Path
    facts: StoreFacts

    def tokens(self, part: str) -> list[NDArray[np.int32]]:
        """The indices of all documents of a part, in files of (tokens,)."""
        counts = self.facts.parts[part].tokens
        return [self._int32(shard_name(part, number), n) for number, n in enumerate(counts)]

    def starts(self, part: str) -> NDArray[np.int64]:
        """(documents + 1,) where each begins in the tokens of the part."""
        return self._int64(f"{part}-starts.bin", self.facts.parts[part].documents + 1)

    def labels(self, part: str) -> Labels:
        """(documents,) class numbers, or (documents, classes) of 0 and 1."""
        name, documents = f"{part}-labels.bin", self.facts.parts[part].documents
        if not self.facts.multilabel:
            return self._int32(name, documents)
        classes = len(self.facts.classes)
        of_all = self._map(name, np.dtype(np.uint8), documents * classes)
        return of_all.reshape(documents, classes)

    def test_texts(self) -> StoredTexts:
        """The texts of the test part."""
        bounds = self._int64(TEXT_STARTS, self.facts.parts["test"].documents + 1)
        content = self._map(TEXTS, np.dtype(np.uint8), int(bounds[-1]))
        if bounds[0] != 0 or np.any(np.diff(bounds) < 0):
            raise DataError(f"{self.folder / TEXT_STARTS} is damaged: its numbers do not rise")
        return StoredTexts(content.data, bounds[:-1], bounds[1:])

    def duplicates(self) -> NDArray[np.int64]:
        """As `duplicated_rows` of the data set that was encoded."""
        return self._int64(DUPLICATES)

    def test_lines(self) -> NDArray[np.int64] | None:
        """As `Documents.lines` of the test part."""
        if LINES not in read_manifest(self.folder):
            return None
        return self._int64(LINES, self.facts.parts["test"].documents)

    def read(self, name: str) -> bytes:
        """The bytes of a file, such as the vocabulary's. Raises RunError."""
        return read_checksummed(self.folder, name)

    def _int32(self, name: str, count: int) -> NDArray[np.int32]:
        return self._map(name, np.dtype("<i4"), count)

    def _int64(self, name: str, count: int | None = None) -> NDArray[np.int64]:
        return self._map(name, np.dtype("<i8"), count)

    def _map(self, name: str, kind: "np.dtype[Any]", count: int | None) -> NDArray[Any]:
        path = self.folder / name
        there = path.stat().st_size
        if there % kind.itemsize or count not in (None, there // kind.itemsize):
            raise DataError(f"{path} is damaged: {there:,} bytes, but {STORE} says otherwise")
        if not there:  # nothing can be mapped
            return np.empty(0, kind)
        return np.memmap(path, kind, "r").view(np.ndarray)


def shard_name(part: str, number: int) -> str:
    """The file of so many tokens of a part."""
    return f"{part}-tokens-{number:05}.bin"


def is_store(path: Path) -> bool:
    """True for a folder of `hoiquy encode`, whole or not."""
    try:
        return (path.expanduser() / STORE).is_file()
    except (OSError, RuntimeError):  # a name too long, "~nobody": who reads it says so
        return False


def read_facts(folder: Path) -> StoreFacts | None:
    """What a store says of itself; None of one that is half done. Raises RunError if damaged."""
    content = read_checksummed(folder, STORE)
    if content == HALF:
        return None
    return parse_json(StoreFacts, content, str(folder / STORE))


HALF = b'{"kind": "store", "whole": false}\n'  # store.json while the others are written
