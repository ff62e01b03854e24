"""Tokenizer: words to indices by their frequency, as Keras 2's."""

import json
import warnings
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.preprocessing.matrix import document_term_matrix
from hoiquy.keras.preprocessing.words import (
    FILTERS,
    Analyzer,
    Filters,
    not_a_text,
    text_to_word_sequence,
)


class Tokenizer:
    """Turns texts into lists of indices; the most frequent word has index 1.

    Args:
        num_words: Indices from this number on are left out, or become that of `oov_token`; None
            keeps all. It is one more than the number of words kept.
        filters: Characters that separate words: a string, or a list or set of them.
        lower: Whether to lower-case the texts.
        split: What separates words after that.
        char_level: Whether characters are words.
        oov_token: Has index 1 and replaces unknown words, which are left out otherwise.
        analyzer: Splits a text into words, in place of `filters`, `lower` and `split`.
        **old: `nb_words`, the name of `num_words` in Keras 1; `document_count`.

    Attributes:
        word_counts: How often each word occurs, in order of first appearance.
        word_docs: In how many texts each word occurs; `index_docs` by index.
        word_index: The index of each word, by frequency, of all words; `index_word` the reverse.
        document_count: The number of texts fitted on.

    Raises:
        KerasTypeError: A keyword is unknown. It is a TypeError.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: Filters = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: Any = None,
        analyzer: Analyzer | None = None,
        **old: Any,
    ) -> None:
        if "nb_words" in old:
            warnings.warn("Tokenizer: nb_words is now called num_words", stacklevel=2)
            num_words = old.pop("nb_words")
        self.document_count: int = old.pop("document_count", 0)
        if old:
            raise KerasTypeError(f"Tokenizer: unknown keywords {', '.join(sorted(old))}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: dict[Any, int] = OrderedDict()
        self.word_docs: dict[Any, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[Any, int] = {}
        self.index_word: dict[int, Any] = {}

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts (strings, or lists of words) and rank all words seen so far.

        Raises KerasTypeError, which names the text, if one is no string. It is a TypeError.
        """
        counts: Counter[Any] = Counter()
        documents: Counter[Any] = Counter()
        number = 0
        for number, text in enumerate(texts, 1):
            words = self._words(text, number - 1)
            counts.update(words)
            documents.update(set(words))
        self.document_count += number
        for known, new in ((self.word_counts, counts), (self.word_docs, documents)):
            for word, count in new.items():
                known[word] = known.get(word, 0) + count
        ranked = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        first = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: index for index, word in enumerate([*first, *ranked], 1)}
        self.index_word = {index: word for word, index in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Iterable[int]]) -> None:
        """Count in how many sequences each index occurs, for `sequences_to_matrix`."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for index in set(sequence):
                self.index_docs[index] = self.index_docs.get(index, 0) + 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Return the indices of the words of each text. Raises as `fit_on_texts`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yield the indices of the words of each text. Raises as `fit_on_texts`."""
        unknown = self._oov_index()
        index_of: dict[Any, int | None] = dict(self.word_index)
        if self.num_words:
            index_of = {
                word: index if index < self.num_words else unknown
                for word, index in self.word_index.items()
            }
        for number, text in enumerate(texts):
            found = [index_of.get(word, unknown) for word in self._words(text, number)]
            yield [index for index in found if index is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return the words of each sequence, joined by spaces."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield the words of each sequence, joined by spaces."""
        oov_index = self._oov_index()
        unknown = None if oov_index is None else self.index_word[oov_index]
        for sequence in sequences:
            words = [
                self.index_word.get(index, unknown)
                if not self.num_words or index < self.num_words
                else unknown
                for index in sequence
            ]
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> NDArray[np.float64]:
        """Return a row for each text; see `document_term_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Any], mode: str = "binary"
    ) -> NDArray[np.float64]:
        """Return a row for each sequence; see `document_term_matrix`.

        Raises KerasError, a ValueError, before any fit, unless `num_words` is given.
        """
        columns = self.num_words or (len(self.word_index) + 1 if self.word_index else None)
        if columns is None:
            raise KerasError("Tokenizer: without num_words, a matrix needs fit_on_texts first")
        return document_term_matrix(sequences, columns, mode, self.document_count, self.index_docs)

    def get_config(self) -> dict[str, Any]:
        """Return all settings and counts, the tables as JSON."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
        settings = {name: getattr(self, name) for name in (*names, "document_count")}
        return {**settings, **{name: json.dumps(getattr(self, name)) for name in _TABLES}}

    def to_json(self, **options: Any) -> str:
        """Return the configuration as JSON, for `tokenizer_from_json`."""
        config = {"class_name": type(self).__name__, "config": self.get_config()}
        return json.dumps(config, **options)

    def _oov_index(self) -> int | None:
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _words(self, text: Any, number: int) -> Sequence[Any]:
        """The words of a text; `number` counts texts from 0, for errors."""
        if isinstance(text, list):
            for word in text if self.lower else ():
                if not isinstance(word, str):
                    raise not_a_text(word, f"Tokenizer: a word of text {number}")
            return [word.lower() for word in text] if self.lower else text
        if self.analyzer is not None and not self.char_level:
            return list(self.analyzer(text))
        if not isinstance(text, str):
            raise not_a_text(text, f"Tokenizer: text {number}")
        if self.char_level:
            return text.lower() if self.lower else text
        return text_to_word_sequence(text, self.filters, self.lower, self.split)


_TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
_BY_INDEX = ("index_docs", "index_word")  # JSON has strings for keys


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the tokenizer that `Tokenizer.to_json` wrote, here or in Keras.

    Raises KerasError, a ValueError, if it is something else.
    """
    try:
        config = dict(json.loads(json_string)["config"])
        tables = {name: json.loads(config.pop(name)) for name in _TABLES}
        for name in _BY_INDEX:
            tables[name] = {int(index): value for index, value in tables[name].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KerasError(
            f"tokenizer_from_json: not the output of Tokenizer.to_json ({error!r})"
        ) from error
    tokenizer = Tokenizer(**config)
    for name, table in tables.items():
        setattr(tokenizer, name, table)
    return tokenizer
