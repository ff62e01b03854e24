"""A token store: the encoded documents that `hoiquy encode` writes.

    train-tokens-00000.bin …  train-starts.bin  train-labels.bin    likewise validation-*, test-*
    test-texts.bin  test-text-starts.bin  test-duplicates.bin  test-lines.bin
    vocabulary.txt  ngrams.txt  subwords.model  store.json  manifest.json

Tokens and labels are little-endian int32, other arrays int64; several labels a document are bytes,
0 or 1 for each class. No document spans two token files. All arrays are memory-mapped. The texts of
training and validation documents are not stored.
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
LINES = "test-lines.bin"  # if read from a table or folders


@dataclass(frozen=True)
class PartFacts:
    """Number of documents of a part, and of tokens in each of its files."""

    documents: int
    tokens: list[int]


@dataclass(frozen=True)
class StoreFacts:
    """`store.json` of a finished store.

    The fields from `name` to `fingerprints` describe the data set, those from `recipe` to
    `validation_fraction` the recipe (None if a validation part was given).
    fingerprints: by part; "train" includes the validation documents unless a part was given.
    """

    kind: Literal["store"]
    whole: Literal[True]
    hoiquy: str  # version
    name: str
    description: str
    official_test: bool
    classes: list[str]
    fingerprints: dict[str, str]
    recipe: str
    text: dict[str, Any]
    validation_fraction: float | None
    parts: dict[str, PartFacts]
    multilabel: bool = False  # labels are uint8, (documents, classes), if true
    columns: dict[Literal["text", "label"], str] | None = None

    @property
    def documents(self) -> int:
        """Number of documents in all parts."""
        return sum(part.documents for part in self.parts.values())

    @property
    def tokens(self) -> int:
        """Number of tokens in all parts, start tokens included."""
        return sum(sum(part.tokens) for part in self.parts.values())


@dataclass(frozen=True, eq=False)
class TokenStore:
    """An open store; its arrays are memory-mapped."""

    folder: Path
    facts: StoreFacts

    def tokens(self, part: str) -> list[NDArray[np.int32]]:
        """The indices of a part, one array (tokens,) int32 a file."""
        counts = self.facts.parts[part].tokens
        return [self._int32(shard_name(part, number), n) for number, n in enumerate(counts)]

    def starts(self, part: str) -> NDArray[np.int64]:
        """(documents + 1,) int64, where each document starts in the tokens of the part."""
        return self._int64(f"{part}-starts.bin", self.facts.parts[part].documents + 1)

    def labels(self, part: str) -> Labels:
        """(documents,) class numbers, or (documents, classes) of 0 and 1."""
        name, documents = f"{part}-labels.bin", self.facts.parts[part].documents
        if not self.facts.multilabel:
            return self._int32(name, documents)
        classes = len(self.facts.classes)
        flat = self._map(name, np.dtype(np.uint8), documents * classes)
        return flat.reshape(documents, classes)

    def test_texts(self) -> StoredTexts:
        """The texts of the test documents."""
        bounds = self._int64(TEXT_STARTS, self.facts.parts["test"].documents + 1)
        content = self._map(TEXTS, np.dtype(np.uint8), int(bounds[-1]))
        if bounds[0] != 0 or np.any(np.diff(bounds) < 0):
            raise DataError(f"{self.folder / TEXT_STARTS} is damaged: its numbers do not increase")
        return StoredTexts(content.data, bounds[:-1], bounds[1:])

    def duplicates(self) -> NDArray[np.int64]:
        """Result of `duplicated_rows` for the encoded data set."""
        return self._int64(DUPLICATES)

    def test_lines(self) -> NDArray[np.int64] | None:
        """`Documents.lines` of the test part."""
        if LINES not in read_manifest(self.folder):
            return None
        return self._int64(LINES, self.facts.parts["test"].documents)

    def read(self, name: str) -> bytes:
        """The checked bytes of a file, such as the vocabulary's. Raises RunError."""
        return read_checksummed(self.folder, name)

    def _int32(self, name: str, count: int) -> NDArray[np.int32]:
        return self._map(name, np.dtype("<i4"), count)

    def _int64(self, name: str, count: int | None = None) -> NDArray[np.int64]:
        return self._map(name, np.dtype("<i8"), count)

    def _map(self, name: str, kind: "np.dtype[Any]", count: int | None) -> NDArray[Any]:
        path = self.folder / name
        size = path.stat().st_size
        if size % kind.itemsize or count not in (None, size // kind.itemsize):
            raise DataError(f"{path} is damaged: its {size:,} bytes do not agree with {STORE}")
        if not size:  # an empty file cannot be mapped
            return np.empty(0, kind)
        return np.memmap(path, kind, "r").view(np.ndarray)


def shard_name(part: str, number: int) -> str:
    """The name of a token file of a part."""
    return f"{part}-tokens-{number:05}.bin"


def is_store(path: Path) -> bool:
    """Whether it is a folder of `hoiquy encode`, finished or not."""
    try:
        return (path.expanduser() / STORE).is_file()
    except (
        OSError,
        RuntimeError,
    ):  # a name too long, an unknown ~user: reading it reports the error
        return False


def read_facts(folder: Path) -> StoreFacts | None:
    """Read `store.json`; None for an unfinished store. Raises RunError if it is damaged."""
    content = read_checksummed(folder, STORE)
    if content == UNFINISHED:
        return None
    return parse_json(StoreFacts, content, str(folder / STORE))


UNFINISHED = b'{"kind": "store", "whole": false}\n'  # store.json of an unfinished store
