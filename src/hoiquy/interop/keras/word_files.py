"""Words in the files that people have of a Keras model: lines, `word_index`, a saved Tokenizer."""

import json
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer_settings import shown
from hoiquy.interop.keras.text_layer import SPECIAL, without_special
from hoiquy.text import SCHEMES, SEPARATORS, Numbering

_CHOICES = ", ".join(SCHEMES)
# Settings of the old Tokenizer and what they must be; the others only count words.
_TOKENIZER: dict[str, Any] = {
    "filters": SEPARATORS, "lower": True, "split": " ", "char_level": False, "analyzer": None,
}  # fmt: skip
_COUNTS = (
    "num_words", "oov_token", "document_count", "word_counts", "word_docs", "index_docs",
    "index_word", "word_index",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """words: by rank. num_words: indices from it on read as unknown; None where all are read."""

    words: tuple[str, ...]
    numbering: Numbering
    num_words: int | None = None


def read_words(content: bytes, numbering: Numbering | None, source: str) -> Words:
    """Read a word a line, a JSON list or `word_index`, or what `Tokenizer.to_json` gave.

    numbering: None where the file shows it; lines are numbered as Keras' IMDB data then. With
    "tokenizer-oov" the first line is the token of unknown words; with "text-vectorization" the
    first two may be those of padding and unknown words, as `get_vocabulary` gives them.
    Raises InputError, naming the source.
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
            value = None  # words that begin so
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
    """`{word: number}`: the indices themselves, or ranks from 1 for Keras' IMDB data."""
    if numbering is None:
        raise InputError(
            f"{source} gives a number for each word, but not how the model read them: add "
            f"--numbering tokenizer (of Tokenizer.word_index), tokenizer-oov (with an oov_token), "
            f"imdb (of imdb.get_word_index()) or text-vectorization"
        )
    words = sorted(index, key=lambda word: _number(index[word], source))
    numbers = [index[word] for word in words]
    # the special tokens may be in it, too
    firsts = {"imdb": (1,), "tokenizer": (1,), "tokenizer-oov": (1,), "text-vectorization": (0, 2)}
    first = numbers[0] if numbers else 0
    if first not in firsts[numbering] or numbers != list(range(first, first + len(numbers))):
        raise InputError(
            f"{source}: the numbers of the words must count up from "
            f"{' or '.join(map(str, firsts[numbering]))} with --numbering {numbering}"
        )
    special = SCHEMES[numbering].first_word - first if numbering != "imdb" else 0
    return Words(tuple(words[special:]), numbering)


def _number(value: Any, source: str) -> int:
    if type(value) is not int:
        raise InputError(f"{source}: {shown(value)} is no whole number: expected {{word: number}}")
    return value


def _tokenizer(config: Any, numbering: Numbering | None, source: str) -> Words:
    """What `Tokenizer.to_json` gave. Its counts are JSON within JSON."""
    if not isinstance(config, dict):
        raise InputError(f"{source} is damaged: a Tokenizer without its config")
    for key, value in config.items():
        if key not in _COUNTS and (key not in _TOKENIZER or value != _TOKENIZER[key]):
            raise InputError(
                f"{source}: the Tokenizer has {key} = {shown(value)}; hoiquy only reads one with "
                f"the default {', '.join(_TOKENIZER)}"
            )
    oov, num_words = config.get("oov_token"), config.get("num_words")
    own: Numbering = "tokenizer" if oov is None else "tokenizer-oov"
    if numbering not in (None, own):
        raise InputError(f"{source} is numbered as {own}, not {numbering}: leave --numbering out")
    if num_words is not None and (type(num_words) is not int or num_words < 2):
        raise InputError(f"{source}: the Tokenizer has num_words = {shown(num_words)}")
    try:
        index = config.get("word_index")
        index = json.loads(index) if isinstance(index, str) else index
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is damaged: word_index is not JSON") from error
    if not isinstance(index, dict) or (oov is not None and index.get(oov) != 1):
        raise InputError(f"{source} is damaged: the Tokenizer has no word_index, or not its own")
    return Words(_word_index(index, own, source).words, own, num_words)
