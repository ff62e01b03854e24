"""Read vocabulary files of Keras models: lines, a `word_index`, or a saved Tokenizer."""

import json
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer_settings import shown
from hoiquy.interop.keras.text_layer import SPECIAL, without_special
from hoiquy.text import SCHEMES, SEPARATORS, Numbering

_CHOICES = ", ".join(SCHEMES)
# Required settings of the legacy Tokenizer; the others only count words.
_TOKENIZER: dict[str, Any] = {
    "filters": SEPARATORS, "lower": True, "split": " ", "char_level": False, "analyzer": None,
}  # fmt: skip
_COUNTS = (
    "num_words", "oov_token", "document_count", "word_counts", "word_docs", "index_docs",
    "index_word", "word_index",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """words: by rank. num_words: indices from this one on are unknown; None for no limit."""

    words: tuple[str, ...]
    numbering: Numbering
    num_words: int | None = None


def read_words(content: bytes, numbering: Numbering | None, source: str) -> Words:
    """Parse one word per line, a JSON list or `word_index`, or the output of `Tokenizer.to_json`.

    numbering: the index scheme; None detects it, with Keras' IMDB scheme for plain lines. With
    "tokenizer-oov" the first line is the unknown token; with "text-vectorization" the first two may
    be the padding and unknown tokens, as in `get_vocabulary`.
    Raises InputError if the file is malformed or its numbering is unknown.
    """
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: byte {error.start} is not UTF-8") from error
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            value = json.loads(text)
            value = json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            value = None  # plain words that start with such a character
        if isinstance(value, dict) and value.get("class_name") == "Tokenizer":
            return _tokenizer(value.get("config"), numbering, source)
        if isinstance(value, dict):
            return _word_index(value, numbering, source)
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return _lines(value, numbering)
    return _lines(text.removesuffix("\n").split("\n"), numbering)


def _lines(words: list[str], numbering: Numbering | None) -> Words:
    if numbering is None and words[:2] == SPECIAL:
        numbering = "text-vectorization"
    numbering = numbering or "imdb"
    if numbering == "text-vectorization":
        return Words(without_special(words), numbering)
    return Words(tuple(words[1:] if numbering == "tokenizer-oov" else words), numbering)


def _word_index(index: dict[str, Any], numbering: Numbering | None, source: str) -> Words:
    """`{word: number}`: indices, or ranks from 1 for Keras' IMDB data."""
    if numbering is None:
        raise InputError(
            f"{source} has a number for each word, but their meaning is unknown: add --numbering "
            f"tokenizer (Tokenizer.word_index), tokenizer-oov (with an oov_token), imdb "
            f"(imdb.get_word_index()) or text-vectorization"
        )
    words = sorted(index, key=lambda word: _number(index[word], source))
    numbers = [index[word] for word in words]
    # the file may include the special tokens
    firsts = {"imdb": (1,), "tokenizer": (1,), "tokenizer-oov": (1,), "text-vectorization": (0, 2)}
    first = numbers[0] if numbers else 0
    if first not in firsts[numbering] or numbers != list(range(first, first + len(numbers))):
        raise InputError(
            f"{source}: the numbers of the words must be consecutive from "
            f"{' or '.join(map(str, firsts[numbering]))} with --numbering {numbering}"
        )
    special = SCHEMES[numbering].first_word - first if numbering != "imdb" else 0
    return Words(tuple(words[special:]), numbering)


def _number(value: Any, source: str) -> int:
    if type(value) is not int:
        raise InputError(f"{source}: {shown(value)} is not an integer: expected {{word: number}}")
    return value


def _tokenizer(config: Any, numbering: Numbering | None, source: str) -> Words:
    """Parse the config of `Tokenizer.to_json`, whose counts are JSON within JSON."""
    if not isinstance(config, dict):
        raise InputError(f"{source} is damaged: a Tokenizer without its config")
    for key, value in config.items():
        if key not in _COUNTS and (key not in _TOKENIZER or value != _TOKENIZER[key]):
            raise InputError(
                f"{source}: the Tokenizer has {key} = {shown(value)}; hoiquy only supports the "
                f"default {', '.join(_TOKENIZER)}"
            )
    oov, num_words = config.get("oov_token"), config.get("num_words")
    expected: Numbering = "tokenizer" if oov is None else "tokenizer-oov"
    if numbering not in (None, expected):
        raise InputError(
            f"{source} is numbered as {expected}, not {numbering}: leave --numbering out"
        )
    if num_words is not None and (type(num_words) is not int or num_words < 2):
        raise InputError(f"{source}: the Tokenizer has num_words = {shown(num_words)}")
    try:
        index = config.get("word_index")
        index = json.loads(index) if isinstance(index, str) else index
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is damaged: word_index is not JSON") from error
    if not isinstance(index, dict) or (oov is not None and index.get(oov) != 1):
        raise InputError(f"{source} is damaged: the Tokenizer has no valid word_index")
    return Words(_word_index(index, expected, source).words, expected, num_words)
