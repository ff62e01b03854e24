"""Read the vectors of the words of a vocabulary from a file in any of the formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.text.vectors.detection import Format, Layout, detect
from hoiquy.text.vectors.fasttext_model import ModelHeader, read_dictionary, read_matrix_rows
from hoiquy.text.vectors.fasttext_ngrams import ngram_buckets
from hoiquy.text.vectors.source import Source, opened
from hoiquy.text.vectors.spellings import spellings
from hoiquy.text.vectors.text_rows import Rows, read_text_rows
from hoiquy.text.vectors.word2vec_binary import read_binary_rows

_EOS = b"</s>"  # fastText's end of a line, which has no n-grams


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors of some words.

    Attributes:
        rows: (words, dimension) float32; zero for words that were not found.
        listed: (words,) whether the file has the word, in one of its spellings.
        composed: (words,) whether its vector is that of its n-grams only (fastText .bin).
        format: The format of the file.
        sha256: The hash of the whole file.
    """

    rows: NDArray[np.float32]
    listed: NDArray[np.bool_]
    composed: NDArray[np.bool_]
    format: Format
    sha256: str

    @property
    def found(self) -> NDArray[np.bool_]:
        """(words,) whether there is a vector."""
        return self.listed | self.composed


def layout_of(path: Path) -> Layout:
    """The format of a file and the dimension of its vectors. Raises DataError."""
    with opened(path) as source:
        return detect(source)


def sha256_of(path: Path) -> str:
    """The hash of a file. Raises DataError if it cannot be read."""
    with opened(path) as source:
        return source.sha256()


def read_vectors(path: Path, words: Sequence[str]) -> WordVectors:
    """Read the vectors of the words, each under the first of its spellings that the file has.

    The file is read once, in blocks; memory is taken for the rows that are needed.

    Raises:
        DataError: The file cannot be read, is damaged or is of another kind.
    """
    names = [spellings(word) for word in words]
    wanted = frozenset(name for each in names for name in each)
    with opened(path) as source:
        layout = detect(source)
        if layout.format == "fastText model":
            return _from_model(source, layout, names, wanted)
        found = _read_rows(source, layout, wanted)
        return _assembled(source, layout, names, found)


def _read_rows(source: Source, layout: Layout, wanted: frozenset[bytes]) -> Rows:
    start, dimension, words = layout.start, layout.dimension, layout.words
    if layout.format == "word2vec binary":
        assert words is not None
        return read_binary_rows(source, start, dimension, wanted, words)
    return read_text_rows(source, start, dimension, layout.tabs, wanted, words)


def _assembled(
    source: Source, layout: Layout, names: Sequence[Sequence[bytes]], found: Rows
) -> WordVectors:
    rows = np.zeros((len(names), layout.dimension), np.float32)
    listed = np.zeros(len(names), np.bool_)
    for number, each in enumerate(names):
        name = next((name for name in each if name in found), None)
        if name is not None:
            rows[number], listed[number] = found[name], True
    return WordVectors(rows, listed, np.zeros_like(listed), layout.format, source.sha256())


def _from_model(
    source: Source, layout: Layout, names: Sequence[Sequence[bytes]], wanted: frozenset[bytes]
) -> WordVectors:
    header, row_of = read_dictionary(source, wanted)
    listed = np.array([any(name in row_of for name in each) for each in names], np.bool_)
    needed = [_rows_of(header, row_of, each) for each in names]
    distinct = np.unique(np.array([row for each in needed for row in each], np.int64))
    matrix = read_matrix_rows(source, header, distinct)
    rows = np.zeros((len(names), header.dimension), np.float32)
    for row, of_word in zip(rows, needed, strict=True):
        for position in np.searchsorted(distinct, of_word):  # one by one, to round as fastText
            row += matrix[position]
        if of_word:
            row *= np.float32(1 / len(of_word))
    composed = np.array([bool(each) for each in needed], np.bool_) & ~listed
    return WordVectors(rows, listed, composed, layout.format, source.sha256())


def _rows_of(header: ModelHeader, row_of: dict[bytes, int], names: Sequence[bytes]) -> list[int]:
    """The rows of the matrix whose mean is the vector of a word: its own, then its n-grams'."""
    name = next((name for name in names if name in row_of), None)
    own = [] if name is None else [row_of[name]]
    word = names[0] if name is None else name
    if word == _EOS or header.maxn == 0:
        return own
    buckets = ngram_buckets(word, header.minn, header.maxn, header.buckets)
    return [*own, *(header.words + bucket for bucket in buckets)]
