"""fastText models (.bin): the words, and rows of the matrix of words and n-grams.

A model has its settings, its dictionary (the words, then labels), and a matrix of float32 with a
row for each word and then one for each bucket of n-grams; the matrix after it is not needed. All
numbers are little-endian. The vector of a word is the mean of its own row and those of its
n-grams; a word that is not in the dictionary has that of its n-grams.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.text.vectors.source import BLOCK, LARGEST, MOST_NUMBERS, Source
from hoiquy.text.vectors.word2vec_binary import LONGEST_WORD

MAGIC = struct.pack("<i", 793712314)
_SETTINGS = struct.Struct("<i12id")  # version; dim, ws, epoch, … lrUpdateRate; t
_COUNTS = struct.Struct("<3i2q")  # entries, words, labels, tokens, pruned n-grams
_ENTRY = struct.Struct("<qb")  # after a word: its count; 0 for a word, 1 for a label
_SHAPE = struct.Struct("<2q")
_SUPERVISED = 3
_LONGEST_NGRAM = 100  # characters
_AGAIN = "the file is damaged: download or copy it again"


@dataclass(frozen=True)
class ModelHeader:
    """What a model says before its words."""

    dimension: int
    buckets: int
    minn: int
    maxn: int  # 0: no n-grams
    entries: int
    words: int


class Dictionary(NamedTuple):
    """The row of each wanted word that the model has."""

    header: ModelHeader
    row_of: dict[bytes, int]


def read_header(source: Source, head: bytes) -> ModelHeader:
    """Parse the first bytes of a model. Raises DataError if they are damaged, or quantised."""
    least = len(MAGIC) + _SETTINGS.size + _COUNTS.size
    if len(head) < least:
        raise source.error(f"the file is truncated: {len(head)} bytes, expected {least} or more")
    version, *settings, _ = _SETTINGS.unpack_from(head, len(MAGIC))
    dimension, _, _, _, _, _, _, model, buckets, minn, maxn, _ = settings
    entries, words, labels, _, pruned = _COUNTS.unpack_from(head, len(MAGIC) + _SETTINGS.size)
    if version not in (11, 12):
        raise source.error(f"a fastText model of version {version}, expected 11 or 12")
    if version == 11 and model == _SUPERVISED:
        maxn = 0  # these have no n-grams of characters
    for name, value, valid in (
        ("dim", dimension, 1 <= dimension <= MOST_NUMBERS),
        ("maxn", maxn, 0 <= maxn <= _LONGEST_NGRAM),
        ("minn", minn, minn >= 0),
        ("bucket", buckets, buckets >= (maxn > 0)),
        ("nwords", words, words >= 1 and labels >= 0 and entries == words + labels),
    ):
        if not valid:
            raise source.error(f"the fastText model has {name} = {value}; {_AGAIN}")
    if pruned > 0:
        raise quantised(source)
    if source.size is not None and source.size < 4 * dimension * words:
        raise source.error(
            f"the fastText model has {words:,} words of {dimension:,} numbers, for which "
            f"{source.size:,} bytes are too few; {_AGAIN}"
        )
    return ModelHeader(dimension, buckets, minn, 0 if pruned == 0 else maxn, entries, words)


def quantised(source: Source) -> Exception:
    """The error for a compressed model."""
    return source.error("a quantized fastText model (.ftz): pass the .bin it was made from")


def read_dictionary(source: Source, wanted: Collection[bytes]) -> Dictionary:
    """Read up to the matrix. Raises DataError if the model is damaged or quantised."""
    header = read_header(source, source.head())
    source.read(len(MAGIC) + _SETTINGS.size + _COUNTS.size)
    row_of: dict[bytes, int] = {}
    block, at = b"", 0
    before = source.position
    for number in range(header.entries):
        end = block.find(b"\0", at, at + LONGEST_WORD)
        if end < 0 or end + 1 + _ENTRY.size > len(block):
            before, block, at = before + at, block[at:] + source.read(BLOCK), 0
            end = block.find(b"\0", 0, LONGEST_WORD)
            if end < 0 and len(block) >= LONGEST_WORD:
                raise source.error(f"byte {before:,}: entry {number:,} has no end; {_AGAIN}")
            if end < 0 or end + 1 + _ENTRY.size > len(block):
                raise source.truncated(f"entry {number:,} of {header.entries:,}")
        if number < header.words and block[at:end] in wanted:
            row_of.setdefault(block[at:end], number)
        at = end + 1 + _ENTRY.size
    source.unread(block[at:])
    if source.exactly(1, "the dictionary") != b"\0":
        raise quantised(source)
    return Dictionary(header, row_of)


def read_matrix_rows(
    source: Source, header: ModelHeader, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Rows of the matrix that follows the dictionary: (rows,), ascending → (rows, dimension).

    Reads the file to its end. Raises DataError if it is damaged, or a number is not finite.
    """
    count = _read_shape(source, header.dimension)
    if count < header.words + (header.buckets if header.maxn else 0):
        raise source.error(f"the matrix of the fastText model has {count:,} rows; {_AGAIN}")
    row_bytes = 4 * header.dimension
    found = np.empty((len(rows), header.dimension), np.float32)
    step = max(1, BLOCK // row_bytes)
    for first in range(0, count, step):
        last = min(first + step, count)
        content = source.exactly((last - first) * row_bytes, f"row {first:,} of {count:,}")
        begin, end = np.searchsorted(rows, [first, last])
        if end > begin:
            block = np.frombuffer(content, "<f4").reshape(-1, header.dimension)
            found[begin:end] = block[rows[begin:end] - first]
            _check_numbers(source, rows[begin:end], found[begin:end])
    _read_past_output(source)
    return found


def _check_numbers(source: Source, numbers: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
    """Raise DataError unless all are finite; numbers: those of the rows in the matrix."""
    valid = np.abs(rows) <= LARGEST  # False for NaN
    if valid.all():
        return
    at = int(np.argmin(valid.all(axis=1)))
    raise source.error(
        f"row {numbers[at]:,} of the matrix holds {rows[at][~valid[at]][0]}, not a finite number "
        f"up to {LARGEST:,.0f}"
    )


def _read_shape(source: Source, dimension: int | None) -> int:
    """The rows of a matrix with so many columns; None: the numbers of any. Raises DataError."""
    rows, columns = _SHAPE.unpack(source.exactly(_SHAPE.size, "the size of a matrix"))
    if rows < 0 or not 0 <= columns <= MOST_NUMBERS or dimension not in (None, columns):
        raise source.error(f"a matrix of the fastText model is {rows:,} × {columns:,}; {_AGAIN}")
    return int(rows * columns) if dimension is None else int(rows)


def _read_past_output(source: Source) -> None:
    """Read the matrix that is not needed, to see that the file is whole."""
    source.exactly(1, "the output matrix")
    left = 4 * _read_shape(source, None)
    while left > 0:
        size = min(left, BLOCK)
        source.exactly(size, "the output matrix")
        left -= size
