"""Which n-grams a linear classifier counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, AnyStr

import numpy as np

from hoiquy.linear.ngram_keys import (
    MOST_ROWS,
    Occurrences,
    character_ngrams,
    word_ngrams,
)
from hoiquy.linear.tfidf import Tfidf
from hoiquy.text import Tokenizer, Vocabulary

LEAST_DOCUMENTS = {"words": 1, "characters": 2}  # that have an n-gram which is counted
_BLOCK_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class NgramSettings:
    """The n-grams of a linear classifier: of words, of characters, or both.

    Attributes:
        words: The longest n-gram of words; 0 for none.
        characters: The shortest and the longest n-gram of characters; None for none.
        across_words: Whether n-grams of characters may span words.
        most: The largest number of n-grams of either kind.
        binary: Whether it does not matter how often an n-gram occurs in a text.
    """

    words: int = 3
    characters: tuple[int, int] | None = (2, 6)
    across_words: bool = True
    most: int = 1_000_000
    binary: bool = False

    @property
    def kinds(self) -> int:
        """How many kinds of n-grams are counted: 1 or 2."""
        return bool(self.words) + (self.characters is not None)


@dataclass(frozen=True, eq=False)
class Features:
    """Turns texts into rows of weights, n-grams of words before those of characters.

    Attributes:
        settings: Which n-grams are counted.
        tokenizer: How a text is split into words, and in which form its characters count.
        tables: A table for each kind of n-grams.
        words: Those of the training texts that n-grams of words are made of, in UTF-8, ascending,
            separated by spaces. Only exports use them.
    """

    settings: NgramSettings
    tokenizer: Tokenizer
    tables: tuple[Tfidf, ...]
    words: bytes = b""

    def __len__(self) -> int:
        """The number of columns."""
        return sum(map(len, self.tables))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the training texts, to find unknown ones; punctuation marks are no words."""
        words = self.words.decode("utf-8", "surrogatepass").split(" ")
        return Vocabulary(tuple(words), None, replace(self.tokenizer, tokenizer="unicode"))

    @property
    def columns(self) -> dict[str, slice]:
        """The columns of "words" and of "characters", as far as they are counted."""
        names = ["words"] * bool(self.settings.words) + ["characters"]
        ends = np.cumsum([0, *map(len, self.tables)]).tolist()
        return dict(zip(names, map(slice, ends, ends[1:]), strict=False))

    @classmethod
    def fit(cls, settings: NgramSettings, tokenizer: Tokenizer, texts: Sequence[str]) -> "Features":
        """Choose the n-grams by the training texts. Rare ones of characters are left out."""
        tables, words = [], b""
        if settings.words:
            spaced = [tokenizer.spaced(text) for text in texts]
            found = (word_ngrams(block, settings.words) for block in _blocks(spaced))
            tables.append(Tfidf.fit(found, len(texts), LEAST_DOCUMENTS["words"], settings.most))
            words = _words_of(spaced)
        if settings.characters is not None:
            found = (_characters(settings, tokenizer, block) for block in _blocks(texts))
            tables.append(
                Tfidf.fit(found, len(texts), LEAST_DOCUMENTS["characters"], settings.most)
            )
        return cls(settings, tokenizer, tuple(tables), words)

    def transform(self, texts: Sequence[str]) -> Any:
        """A `scipy.sparse.csr_matrix` (texts, columns) of float32."""
        from scipy import sparse

        return sparse.vstack(list(self.transform_in_blocks(texts)), format="csr")

    def transform_in_blocks(self, texts: Sequence[str]) -> Iterator[Any]:
        """The rows of `transform` in blocks of documents, at least one block."""
        from scipy import sparse

        for block in _blocks(texts):
            kinds = _occurrences(self.settings, self.tokenizer, block)
            rows = [
                table.transform(found, len(block), self.settings.binary)
                for table, found in zip(self.tables, kinds, strict=True)
            ]
            yield sparse.hstack(rows, format="csr")


def _blocks(texts: Sequence[AnyStr]) -> Iterator[Sequence[AnyStr]]:
    """Runs of texts with so few characters that arrays of their n-grams need little memory."""
    begin = size = 0
    for end, text in enumerate(texts):
        size += len(text)
        if end - begin == MOST_ROWS or (size > _BLOCK_CHARACTERS and end > begin):
            yield texts[begin:end]
            begin, size = end, len(text)
    yield texts[begin:]


def _occurrences(
    settings: NgramSettings, tokenizer: Tokenizer, block: Sequence[str]
) -> Iterator[Occurrences]:
    if settings.words:
        yield word_ngrams([tokenizer.spaced(text) for text in block], settings.words)
    if settings.characters is not None:
        yield _characters(settings, tokenizer, block)


def _characters(settings: NgramSettings, tokenizer: Tokenizer, block: Sequence[str]) -> Occurrences:
    assert settings.characters is not None
    lower = [tokenizer.normalized(text).lower() for text in block]
    return character_ngrams(lower, *settings.characters, settings.across_words)


def _words_of(spaced: Sequence[bytes]) -> bytes:
    words: set[bytes] = set()
    for text in spaced:
        words.update(text.split(b" "))
    return b" ".join(sorted(filter(None, words)))
