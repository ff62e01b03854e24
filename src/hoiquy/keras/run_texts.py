"""How a run turns texts into the indices that a Keras model was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import DataError
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.preprocessing.words import FILTERS
from hoiquy.recipe.recipe import TextTable
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.text import Vocabulary
from hoiquy.text.index_scheme import IMDB, IndexScheme

_DEFAULTS = {
    "filters": FILTERS, "lower": True, "split": " ", "char_level": False, "analyzer": None,
}  # fmt: skip
# Words of tutorials for indices that are no words, by what they mean.
_PAD, _START, _UNUSED = ("<PAD>", "<pad>", "[PAD]"), ("<START>", "<start>"), ("<UNUSED>",)
_UNKNOWN = ("<UNK>", "<unk>", "<OOV>", "<oov>", "[UNK]")


@dataclass(frozen=True)
class RunTexts:
    """The `[text]` table of a recipe and the vocabulary; note: for the run, or ""."""

    table: TextTable
    vocabulary: Vocabulary
    note: str


def run_texts(tokenizer: Any, rows: int | None) -> RunTexts:
    """The text rules of a tokenizer, of a dictionary of word to index, or of the IMDB data.

    Args:
        tokenizer: A `Tokenizer`, `{word: index}`, or None for `keras.datasets.imdb`.
        rows: Of the embedding, if there is one: larger indices are unknown words.

    Raises:
        KerasError: The tokenizer has a setting that runs do not have, or has seen no text.
        KerasTypeError: It is something else.
    """
    if tokenizer is None:
        from hoiquy.keras.datasets import imdb

        words = _in_order(imdb.get_word_index(), 1)
        return _made(words, IMDB, rows, None, "texts are encoded as keras.datasets.imdb")
    if isinstance(tokenizer, Mapping):
        words, scheme = _words_of_index(tokenizer)
        return _made(words, scheme, rows, None, "")
    if not hasattr(tokenizer, "word_index") or not hasattr(tokenizer, "num_words"):
        raise KerasTypeError(
            f"to_run: tokenizer is a {type(tokenizer).__name__}, expected a Tokenizer, a "
            f"dictionary of word to index, or None for keras.datasets.imdb"
        )
    for name, default in _DEFAULTS.items():
        value = getattr(tokenizer, name, default)
        if value != default:
            raise KerasError(
                f"to_run: the Tokenizer has {name}={value!r}, and a run splits texts as the "
                f"default Tokenizer, {name}={default!r}: train with that"
            )
    if not tokenizer.word_index:
        raise KerasError("to_run: the Tokenizer has no words: call fit_on_texts first")
    index, unknown = dict(tokenizer.word_index), None
    if tokenizer.oov_token is not None:
        unknown = index.pop(tokenizer.oov_token, None)
    first = 1 if unknown is None else 2
    scheme = IndexScheme(None, unknown, first)
    return _made(_in_order(index, first), scheme, rows, tokenizer.num_words, "")


def _made(
    words: list[str], scheme: IndexScheme, rows: int | None, num_words: int | None, note: str
) -> RunTexts:
    indices = len(words) + scheme.first_word
    kept = max(min(rows or indices, indices, num_words or indices), scheme.first_word)
    table = TextTable(
        tokenizer="keras", num_words=max(kept, 1),
        start="none" if scheme.start is None else scheme.start,
        unknown="dropped" if scheme.unknown is None else scheme.unknown,
        first_word=scheme.first_word,
    )  # fmt: skip
    try:
        vocabulary = Vocabulary(
            tuple(words), table.num_words, build_tokenizer(table), scheme=scheme
        )
    except DataError as error:
        raise KerasError(f"to_run: the words of the tokenizer: {error}") from error
    return RunTexts(table, vocabulary, note)


def _words_of_index(index: Mapping[Any, Any]) -> tuple[list[str], IndexScheme]:
    """The words of `{word: index}` in order, and the scheme that its special words say."""
    plain, start, unknown = dict(index), None, None
    for names, kind in ((_PAD, "pad"), (_START, "start"), (_UNKNOWN, "unknown"), (_UNUSED, "")):
        for name in names:
            if name not in plain:
                continue
            value = plain.pop(name)
            if kind == "pad" and value != 0:
                raise KerasError(f"to_run: {name} has index {value}, and padding is always 0")
            start = value if kind == "start" else start
            unknown = value if kind == "unknown" else unknown
    values = [value for value in plain.values() if isinstance(value, int)]
    if not values:
        raise KerasError("to_run: tokenizer is a dictionary without words: {word: index}")
    first = min(values)
    try:
        scheme = IndexScheme(start, unknown, first)
    except DataError as error:
        raise KerasError(f"to_run: the word index: {error}") from error
    return _in_order(plain, first), scheme


def _in_order(index: Mapping[Any, Any], first: int) -> list[str]:
    """The words by index. Raises KerasError unless the indices are consecutive."""
    for word, value in index.items():
        if not isinstance(word, str) or type(value) is not int:
            raise KerasError(f"to_run: {word!r}: {value!r} in the word index, expected word: index")
    words = sorted(index, key=index.__getitem__)
    expected = range(first, first + len(words))
    for word, number in zip(words, expected, strict=True):
        if index[word] != number:
            raise KerasError(
                f"to_run: the word index has {index[word]} for {word!r} where {number} follows: "
                f"indices must be consecutive from {first}"
            )
    return words
