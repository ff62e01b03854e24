"""Words and their numbers.

Unless an IndexScheme says otherwise, as Keras' IMDB data numbers them: index 0 pads, 1 starts a
document, 2 stands for any word that is not kept, and the word of rank r (1 for the most frequent)
has index r + 3. Index 3 is never used.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.nn.reserved_indices import PAD
from hoiquy.system.atomic_write import write_bytes
from hoiquy.text.index_scheme import IMDB, IndexScheme
from hoiquy.text.ngrams import Ngrams
from hoiquy.text.padding import EncodedDocuments
from hoiquy.text.token_buffer import TokenBuffer
from hoiquy.text.token_counts import TokenCounts, count_tokens, find_words, known_words
from hoiquy.text.tokenizer import LAB, Tokenizer

_DROPPED = -1  # in place of an index, of an unknown word that is dropped

_PIECE = 1_000_000  # tokens
_FEW = 256  # texts; more are not even counted
_ADVICE = "copy the whole run folder again, or train again"


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The words of the training texts by rank, and how many of them are read.

    words: most frequent first; not empty, no word twice, none empty or with a newline.
    num_words: a word whose index is >= num_words is unknown; None keeps all words.
    rules: how a text becomes words.
    ngrams: those that are known on their own; None where the recipe has none.
    scheme: how words are numbered.
    Raises DataError if the words or num_words are not as said.
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
        """Rank the words of the texts by count; equal counts keep the order of first appearance.

        Raises DataError if the texts have no word at all.
        """
        return cls.rank(count_tokens(texts, rules), num_words, rules)

    @classmethod
    def rank(
        cls, counted: TokenCounts, num_words: int | None, rules: Tokenizer = LAB,
        scheme: IndexScheme = IMDB,
    ) -> "Vocabulary":  # fmt: skip
        """Do as `build` with documents whose words are numbered already."""
        words = counted.words[1:]
        if not words:
            raise DataError("the texts hold no words to build a vocabulary of; check the input")
        counts = np.zeros(len(counted.words), np.int64)
        for numbers in _pieces(counted.numbers):
            counts += np.bincount(numbers, minlength=len(counts))
        by_rank = np.argsort(-counts[1:], kind="stable")
        ranked = tuple(words[number] for number in by_rank.tolist())
        return cls(ranked, num_words, rules, scheme=scheme)

    @property
    def index_count(self) -> int:
        """One more than the largest index that a document can have."""
        return self.scheme.first_word + len(self._index_of)

    @cached_property
    def _index_of(self) -> dict[str, int]:
        # Only the words that are kept: all others are unknown by their absence.
        first = self.scheme.first_word
        kept = None if self.num_words is None else self.num_words - first
        return {word: index for index, word in enumerate(self.words[:kept], first)}

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return what starts a document, if anything, and then the index of each word, int32.

        Unknown words are `scheme.unknown`, or left out where that is None.
        """
        start = () if self.scheme.start is None else (self.scheme.start,)
        return np.array([*start, *self._indices(self.rules.words(text))], np.int32)

    def words_read(self, text: str) -> list[str]:
        """The words of a text that have an index, in order: all, or where unknown ones are dropped,
        the known ones."""
        words = self.rules.words(text)
        if self.scheme.unknown is not None:
            return words
        return [word for word in words if word in self._index_of]

    def _indices(self, words: Sequence[str]) -> Iterable[int]:
        if self.scheme.unknown is not None:
            return map(self._index_of.get, words, repeat(self.scheme.unknown))
        return (self._index_of[word] for word in words if word in self._index_of)

    def encode_all(self, texts: Sequence[str]) -> EncodedDocuments:
        """Encode every text; document i of the result is `encode(texts[i])`."""
        # Finding words in bulk begins with a table of all that are known: of little text, each word
        # is looked up before that is made.
        if len(texts) < _FEW and sum(map(len, texts)) < len(self._index_of):
            return self._encode_each(texts)
        encoded = TokenBuffer(mark=self._mark)
        for places in find_words(texts, self._known_words, self.rules):
            encoded.write(_without_dropped(self._index_of_place[places]))
        return self._without_marks(*encoded.finish())

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
    def _index_of_place(self) -> NDArray[np.int32]:
        """The index of each place that `find_words` gives."""
        return np.array([self._mark, *self._index_of.values(), self._unknown], np.int32)

    def encode_counted(self, counted: TokenCounts) -> EncodedDocuments:
        """Do as `encode_all` with documents whose words are numbered already."""
        found = map(self._index_of.get, counted.words[1:], repeat(self._unknown))
        index_of_number = np.array([self._mark, *found], dtype=np.int32)
        encoded = TokenBuffer(mark=self._mark)
        for numbers in _pieces(counted.numbers):
            encoded.write(_without_dropped(index_of_number[numbers]))
        return self._without_marks(*encoded.finish())

    @property
    def _mark(self) -> int:
        """What each document begins with while it is encoded."""
        return PAD if self.scheme.start is None else self.scheme.start

    @property
    def _unknown(self) -> int:
        return _DROPPED if self.scheme.unknown is None else self.scheme.unknown

    def _without_marks(
        self, indices: NDArray[np.int32], starts: NDArray[np.int64]
    ) -> EncodedDocuments:
        """The documents without the marks in front of them, where nothing starts a document."""
        if self.scheme.start is None:
            indices, starts = indices[indices != PAD], starts - np.arange(len(starts))
        return EncodedDocuments(indices, starts)

    def decode(self, indices: Sequence[int] | NDArray[np.int32]) -> str:
        """Return the words of the indices, joined by spaces.

        Padding and what starts a document are left out; the index of unknown words shows as
        "<oov>". Raises DataError if an index has no meaning in this vocabulary.
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

    def save(self, path: Path) -> None:
        """Write one word a line, by rank, UTF-8. The file appears whole or not at all.

        Raises HoiquyError if it cannot be written; an older file is then still there.
        """
        write_bytes(path, self.dump())

    def dump(self) -> bytes:
        """The file that `save` writes."""
        content = "".join(f"{word}\n" for word in self.words)
        return content.encode("utf-8", "surrogatepass")

    @classmethod
    def load(cls, path: Path, num_words: int | None, rules: Tokenizer = LAB) -> "Vocabulary":
        """Read what `save` wrote. Raises DataError if the file is missing, cut or damaged."""
        try:
            return cls.parse(path.read_bytes(), num_words, str(path), rules)
        except OSError as error:
            reason = error.strerror or error
            raise DataError(f"vocabulary {path} cannot be read ({reason}); {_ADVICE}") from error

    @classmethod
    def parse(
        cls, content: bytes, num_words: int | None, source: str, rules: Tokenizer = LAB,
        scheme: IndexScheme = IMDB,
    ) -> "Vocabulary":  # fmt: skip
        """Read what `dump` gave. Raises DataError, naming the source, if it is cut or damaged."""
        # Bytes, and cut at "\n" only: reading lines as text would also cut at "\r", which words
        # may hold.
        try:
            text = content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise DataError(
                f"vocabulary {source} is damaged: byte {error.start} is not UTF-8; {_ADVICE}"
            ) from error
        if text and not text.endswith("\n"):
            raise DataError(
                f"vocabulary {source} is cut short: its last line has no end; {_ADVICE}"
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
    """Some of them after the others: there may be more than memory holds."""
    for begin in range(0, len(numbers), _PIECE):
        yield numbers[begin : begin + _PIECE]


def _problem(words: tuple[str, ...]) -> str | None:
    """Return what makes these words unfit to be a vocabulary, or None."""
    if not words:
        return "it has no words"
    for rank, word in enumerate(words, 1):
        if not word or "\n" in word:
            return f"the word of rank {rank}, {word[:40]!r}, is empty or has a newline"
    if len(set(words)) < len(words):
        word, count = Counter(words).most_common(1)[0]
        return f"the word {word[:40]!r} is there {count} times"
    return None
