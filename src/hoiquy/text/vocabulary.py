"""Vocabulary: words and their indices.

The default IndexScheme is that of Keras' IMDB data: index 0 is padding, 1 the start token, 2 any
unknown word, and the word of rank r (1 for the most frequent) has index r + 3. Index 3 is unused.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.nn.reserved_indices import PAD
from hoiquy.text.index_scheme import IMDB, IndexScheme
from hoiquy.text.ngrams import Ngrams
from hoiquy.text.padding import EncodedDocuments
from hoiquy.text.token_buffer import TokenBuffer
from hoiquy.text.token_counts import TokenCounts, count_tokens, find_words, known_words
from hoiquy.text.tokenizer import LAB, Tokenizer

_DROPPED = -1  # in place of the index of an unknown word that is dropped

_PIECE_TOKENS = 1_000_000  # tokens
_FEW_TEXTS = 256  # texts; with more, their characters are not counted
_ADVICE = "copy the whole run folder again, or train again"


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The words of the training texts by rank, and the rules to encode a text.

    Attributes:
        words: Most frequent first; at least one, distinct, none empty or with a newline.
        num_words: Words with an index >= num_words are unknown; None keeps all words.
        rules: Splits a text into words.
        ngrams: N-grams of the vocabulary; None if the recipe has none.
        scheme: How words map to indices.

    Raises:
        DataError: `words` or `num_words` are invalid.
    """

    words: tuple[str, ...]
    num_words: int | None = None
    rules: Tokenizer = LAB
    ngrams: Ngrams | None = None
    scheme: IndexScheme = IMDB

    def __post_init__(self) -> None:
        least = self.scheme.first_word
        if self.num_words is not None and self.num_words < least:
            raise DataError(f"num_words {self.num_words}: expected at least {least}, or None")
        problem = _problem(self.words)
        if problem is not None:
            raise DataError(f"vocabulary: {problem}")

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words)} words, num_words={self.num_words})"

    @classmethod
    def build(
        cls, texts: Sequence[str], num_words: int | None, rules: Tokenizer = LAB
    ) -> "Vocabulary":
        """Rank the words of the texts by count; ties keep the order of first appearance.

        Raises DataError if the texts have no words.
        """
        return cls.rank(count_tokens(texts, rules), num_words, rules)

    @classmethod
    def rank(
        cls, counted: TokenCounts, num_words: int | None, rules: Tokenizer = LAB,
        scheme: IndexScheme = IMDB, without: Iterable[int] = (),
    ) -> "Vocabulary":  # fmt: skip
        """As `build`, from token counts.

        without: numbers of documents whose words do not count; words of no other one are left out.
        """
        words = counted.words[1:]
        if not words:
            raise DataError("the texts have no words to build a vocabulary from; check the input")
        counts = np.zeros(len(counted.words), np.int64)
        for numbers in _pieces(counted.numbers):
            counts += np.bincount(numbers, minlength=len(counts))
        occurring = len(words)
        for document in without:
            begin, end = counted.starts[document : document + 2]
            counts -= np.bincount(counted.numbers[begin:end], minlength=len(counts))
            occurring = int(np.count_nonzero(counts[1:]))
        by_rank = np.argsort(-counts[1:], kind="stable")[:occurring]
        ranked = tuple(words[number] for number in by_rank.tolist())
        return cls(ranked, num_words, rules, scheme=scheme)

    @property
    def index_count(self) -> int:
        """One more than the largest index."""
        return self.scheme.first_word + len(self._index_of)

    @property
    def known_words(self) -> tuple[str, ...]:
        """The words that have an index, `scheme.first_word` and the following ones."""
        kept = None if self.num_words is None else self.num_words - self.scheme.first_word
        return self.words[:kept]

    def encodes_as(self, other: "Vocabulary") -> bool:
        """Whether both surely encode every text alike; their n-grams may differ."""
        return (
            self.rules.subwords is other.rules.subwords  # which `==` of rules ignores
            and (self.rules, self.scheme) == (other.rules, other.scheme)
            and self.known_words == other.known_words
        )

    @cached_property
    def _index_of(self) -> dict[str, int]:
        # All other words are unknown.
        return {word: index for index, word in enumerate(self.known_words, self.scheme.first_word)}

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return the start token, if any, then the index of each word, int32.

        Unknown words become `scheme.unknown`, or are dropped if that is None.
        """
        start = () if self.scheme.start is None else (self.scheme.start,)
        return np.array([*start, *self._indices(self.rules.words(text))], np.int32)

    def indexed_words(self, text: str) -> list[str]:
        """The words of a text that get an index, in order."""
        words = self.rules.words(text)
        if self.scheme.unknown is not None:
            return words
        return [word for word in words if word in self._index_of]

    def _indices(self, words: Sequence[str]) -> Iterable[int]:
        if self.scheme.unknown is not None:
            return map(self._index_of.get, words, repeat(self.scheme.unknown))
        return (self._index_of[word] for word in words if word in self._index_of)

    def encode_all(self, texts: Sequence[str]) -> EncodedDocuments:
        """Encode all texts; document i of the result is `encode(texts[i])`."""
        # Bulk lookup first builds a table of all known words; not worth it for little text.
        if len(texts) < _FEW_TEXTS and sum(map(len, texts)) < len(self._index_of):
            return self._encode_each(texts)
        encoded = TokenBuffer(start_token=self._start_token)
        for positions in find_words(texts, self._known_words, self.rules):
            encoded.write(_without_dropped(self._index_of_position[positions]))
        return self._without_start_tokens(*encoded.finish())

    def _encode_each(self, texts: Sequence[str]) -> EncodedDocuments:
        indices: list[int] = []
        starts = [0]
        for text in texts:
            indices.extend(self.encode(text).tolist())
            starts.append(len(indices))
        return EncodedDocuments(np.array(indices, np.int32), np.array(starts, np.int64))

    @cached_property
    def _known_words(self) -> Any:
        return known_words(list(self._index_of))

    @cached_property
    def _index_of_position(self) -> NDArray[np.int32]:
        """The index of each position that `find_words` yields."""
        return np.array([self._start_token, *self._index_of.values(), self._unknown], np.int32)

    def encode_counted(self, counted: TokenCounts) -> EncodedDocuments:
        """As `encode_all`, from token counts."""
        found = map(self._index_of.get, counted.words[1:], repeat(self._unknown))
        index_of_number = np.array([self._start_token, *found], dtype=np.int32)
        encoded = TokenBuffer(start_token=self._start_token)
        for numbers in _pieces(counted.numbers):
            encoded.write(_without_dropped(index_of_number[numbers]))
        return self._without_start_tokens(*encoded.finish())

    @property
    def _start_token(self) -> int:
        """Begins each document during encoding, also if the scheme has no start token."""
        return PAD if self.scheme.start is None else self.scheme.start

    @property
    def _unknown(self) -> int:
        return _DROPPED if self.scheme.unknown is None else self.scheme.unknown

    def _without_start_tokens(
        self, indices: NDArray[np.int32], starts: NDArray[np.int64]
    ) -> EncodedDocuments:
        """Remove the start tokens if the scheme has none."""
        if self.scheme.start is None:
            indices, starts = indices[indices != PAD], starts - np.arange(len(starts))
        return EncodedDocuments(indices, starts)

    def decode(self, indices: Sequence[int] | NDArray[np.int32]) -> str:
        """Return the words of the indices, joined by spaces.

        Omits padding and start tokens; unknown words become "<oov>". Raises DataError if an index
        is not in this vocabulary.
        """
        scheme, shown = self.scheme, []
        first, special = scheme.first_word, (PAD, scheme.start, scheme.unknown)
        for index in map(int, indices):
            if index == scheme.unknown:
                shown.append("<oov>")
            elif first <= index < first + len(self.words):
                shown.append(self.words[index - first])
            elif index not in special:
                known = ", ".join(str(index) for index in special if index is not None)
                last = first + len(self.words) - 1
                raise DataError(f"index {index}: expected {known} or {first} to {last}")
        return " ".join(shown)

    def dump(self) -> bytes:
        """One word a line by rank, in UTF-8."""
        content = "".join(f"{word}\n" for word in self.words)
        return content.encode("utf-8", "surrogatepass")

    @classmethod
    def parse(
        cls, content: bytes, num_words: int | None, source: str, rules: Tokenizer = LAB,
        scheme: IndexScheme = IMDB,
    ) -> "Vocabulary":  # fmt: skip
        """Read the output of `dump`. Raises DataError, naming the source, if it is damaged."""
        # Split at "\n" only: reading lines as text would also split at "\r", part of some words.
        try:
            text = content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise DataError(
                f"vocabulary {source} is damaged: byte {error.start} is not UTF-8; {_ADVICE}"
            ) from error
        if text and not text.endswith("\n"):
            raise DataError(
                f"vocabulary {source} is truncated: its last line has no line end; {_ADVICE}"
            )
        words = tuple(text.split("\n")[:-1])
        problem = _problem(words)
        if problem is not None:
            raise DataError(f"vocabulary {source} is damaged: {problem}; {_ADVICE}")
        return cls(words, num_words, rules, scheme=scheme)


def _without_dropped(indices: NDArray[np.int32]) -> NDArray[np.int32]:
    kept = indices != _DROPPED
    return indices if kept.all() else indices[kept]


def _pieces(numbers: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Slices of an array that may be larger than memory."""
    for begin in range(0, len(numbers), _PIECE_TOKENS):
        yield numbers[begin : begin + _PIECE_TOKENS]


def _problem(words: tuple[str, ...]) -> str | None:
    """Why these words are not a vocabulary; None if they are."""
    if not words:
        return "it has no words"
    for rank, word in enumerate(words, 1):
        if not word or "\n" in word:
            return f"the word of rank {rank}, {word[:40]!r}, is empty or has a newline"
    if len(set(words)) < len(words):
        word, count = Counter(words).most_common(1)[0]
        return f"the word {word[:40]!r} occurs {count} times"
    return None
