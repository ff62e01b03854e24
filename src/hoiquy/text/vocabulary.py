"""Words and their numbers, as Keras' IMDB data numbers them.

Index 0 pads, 1 starts a document, 2 stands for any word that is not kept, and the word of rank r
(1 for the most frequent) has index r + 3. Index 3 is never used.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.atomic import write_bytes
from hoiquy.errors import DataError
from hoiquy.spool import Spool
from hoiquy.text.ngrams import Ngrams
from hoiquy.text.numbering import NumberedWords, find_words, known_words, number_words
from hoiquy.text.padding import EncodedDocuments
from hoiquy.text.rules import LAB, TextRules
from hoiquy.text.token_spool import TokenSpool

PAD = 0
START = 1
OUT_OF_VOCABULARY = 2
FIRST_WORD = 4

_PIECE = 1_000_000  # tokens
_FEW = 256  # texts; more are not even counted
_ADVICE = "copy the whole run folder again, or train again"


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The words of the training texts by rank, and how many of them are read.

    words: most frequent first; not empty, no word twice, none empty or with a newline.
    num_words: every index >= num_words reads as OUT_OF_VOCABULARY; None keeps all words.
    rules: how a text becomes words.
    ngrams: those that are known on their own; None where the recipe has none.
    Raises DataError if the words or num_words are not as said.
    """

    words: tuple[str, ...]
    num_words: int | None = None
    rules: TextRules = LAB
    ngrams: Ngrams | None = None

    def __post_init__(self) -> None:
        if self.num_words is not None and self.num_words < FIRST_WORD:
            raise DataError(f"num_words {self.num_words}: expected at least {FIRST_WORD}, or None")
        problem = _problem(self.words)
        if problem is not None:
            raise DataError(f"vocabulary: {problem}")

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words)} words, num_words={self.num_words})"

    @classmethod
    def build(
        cls, texts: Sequence[str], num_words: int | None, rules: TextRules = LAB
    ) -> "Vocabulary":
        """Rank the words of the texts by count; equal counts keep the order of first appearance.

        Raises DataError if the texts have no word at all.
        """
        return cls.rank(number_words(texts, rules), num_words, rules)

    @classmethod
    def rank(
        cls, numbered: NumberedWords, num_words: int | None, rules: TextRules = LAB
    ) -> "Vocabulary":
        """Do as `build` with documents whose words are numbered already."""
        words = numbered.words[1:]
        if not words:
            raise DataError("the texts hold no words to build a vocabulary of; check the input")
        counts = np.zeros(len(numbered.words), np.int64)
        for numbers in _pieces(numbered.numbers):
            counts += np.bincount(numbers, minlength=len(counts))
        by_rank = np.argsort(-counts[1:], kind="stable")
        return cls(tuple(words[number] for number in by_rank.tolist()), num_words, rules)

    @cached_property
    def _index_of(self) -> dict[str, int]:
        # Only the words that are kept: all others fall to OUT_OF_VOCABULARY by their absence.
        kept = None if self.num_words is None else self.num_words - FIRST_WORD
        return {word: index for index, word in enumerate(self.words[:kept], FIRST_WORD)}

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return START and then the index of each word, (1 + words,) int32."""
        words = self.rules.words(text)
        indices = np.empty(1 + len(words), dtype=np.int32)
        indices[0] = START
        found = map(self._index_of.get, words, repeat(OUT_OF_VOCABULARY))
        indices[1:] = np.fromiter(found, dtype=np.int32, count=len(words))
        return indices

    def encode_all(self, texts: Sequence[str]) -> EncodedDocuments:
        """Encode every text; document i of the result is `encode(texts[i])`."""
        # Finding words in bulk begins with a table of all that are known: of little text, each word
        # is looked up before that is made.
        if len(texts) < _FEW and sum(map(len, texts)) < len(self._index_of):
            return self._encode_each(texts)
        encoded = TokenSpool(mark=START)
        for places in find_words(texts, self._known_words, self.rules):
            encoded.write(self._index_of_place[places])
        return EncodedDocuments(*encoded.finish())

    def _encode_each(self, texts: Sequence[str]) -> EncodedDocuments:
        indices, starts = [], [0]
        for text in texts:
            words = self.rules.words(text)
            indices.append(START)
            indices.extend(map(self._index_of.get, words, repeat(OUT_OF_VOCABULARY)))
            starts.append(len(indices))
        return EncodedDocuments(np.array(indices, np.int32), np.array(starts, np.int64))

    @cached_property
    def _known_words(self) -> Any:
        return known_words(list(self._index_of))

    @cached_property
    def _index_of_place(self) -> NDArray[np.int32]:
        """The index of each place that `find_words` gives."""
        return np.array([START, *self._index_of.values(), OUT_OF_VOCABULARY], np.int32)

    def encode_numbered(self, numbered: NumberedWords) -> EncodedDocuments:
        """Do as `encode_all` with documents whose words are numbered already."""
        found = map(self._index_of.get, numbered.words[1:], repeat(OUT_OF_VOCABULARY))
        index_of_number = np.array([START, *found], dtype=np.int32)
        encoded = Spool()
        for numbers in _pieces(numbered.numbers):
            encoded.write(index_of_number[numbers].data.cast("B"))
        return EncodedDocuments(np.frombuffer(encoded.finish(), np.int32), numbered.starts)

    def decode(self, indices: Sequence[int] | NDArray[np.int32]) -> str:
        """Return the words of the indices, joined by spaces.

        PAD and START are left out and OUT_OF_VOCABULARY shows as "<oov>".
        Raises DataError if an index has no meaning in this vocabulary.
        """
        shown = []
        for index in map(int, indices):
            if index == OUT_OF_VOCABULARY:
                shown.append("<oov>")
            elif FIRST_WORD <= index < FIRST_WORD + len(self.words):
                shown.append(self.words[index - FIRST_WORD])
            elif index not in (PAD, START):
                last = FIRST_WORD + len(self.words) - 1
                raise DataError(f"index {index}: expected 0 to 2 or {FIRST_WORD} to {last}")
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
    def load(cls, path: Path, num_words: int | None, rules: TextRules = LAB) -> "Vocabulary":
        """Read what `save` wrote. Raises DataError if the file is missing, cut or damaged."""
        try:
            return cls.parse(path.read_bytes(), num_words, str(path), rules)
        except OSError as error:
            reason = error.strerror or error
            raise DataError(f"vocabulary {path} cannot be read ({reason}); {_ADVICE}") from error

    @classmethod
    def parse(
        cls, content: bytes, num_words: int | None, source: str, rules: TextRules = LAB
    ) -> "Vocabulary":
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
        return cls(words, num_words, rules)


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
