"""Splitting texts into words, and hashing words to indices, as Keras 2 does."""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from hoiquy.keras.errors import KerasError, KerasTypeError

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'

Filters = str | Iterable[str]
Analyzer = Callable[[Any], Iterable[Any]]
HashFunction = Callable[[str], int]


def text_to_word_sequence(
    input_text: str, filters: Filters = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Return the words of a text.

    Args:
        input_text: The text.
        filters: Characters that separate words: a string, or a list or set of them.
        lower: Whether to lower-case the text.
        split: What separates words after that; it replaces each of `filters`.

    Raises:
        KerasTypeError: `input_text` is no string. It is a TypeError.
        KerasError: An entry of `filters` is not one character.
    """
    if not isinstance(input_text, str):
        raise not_a_text(input_text, "text_to_word_sequence: the text")
    text = input_text.lower() if lower else input_text
    filters = filters if isinstance(filters, str) else _characters(filters)
    to_bytes = _byte_table(filters, split)
    if to_bytes is None:
        text = text.translate({ord(character): split for character in filters})
    else:
        # In UTF-8 an ASCII byte is never part of another character. On a text with one letter that
        # is not ASCII, `str.translate` is many times slower.
        encoded = text.encode("utf-8", "surrogatepass").translate(to_bytes)
        text = encoded.decode("utf-8", "surrogatepass")
    return list(filter(None, text.split(split)))


def _characters(filters: Iterable[str]) -> str:
    """The characters of a list in one string."""
    given = list(filters)
    wrong = [each for each in given if not isinstance(each, str) or len(each) != 1]
    if wrong:
        raise KerasError(f"filters holds {wrong[0]!r}, expected single characters")
    return "".join(given)


@lru_cache(maxsize=64)
def _byte_table(filters: str, split: str) -> bytes | None:
    """A table for `bytes.translate`; None if some character is not ASCII."""
    if not filters.isascii() or not split.isascii() or len(split) != 1:
        return None
    return bytes.maketrans(filters.encode("ascii"), (split * len(filters)).encode("ascii"))


def hashing_trick(
    text: str,
    n: int,
    hash_function: HashFunction | str | None = None,
    filters: Filters = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """Return an index from 1 to n - 1 for each word of a text; different words may share one.

    Args:
        text: The text.
        n: One more than the largest index.
        hash_function: None for Python's `hash`, as in Keras: its values change from process to
            process unless PYTHONHASHSEED is set. "md5" gives the same indices everywhere.
        filters: Characters that separate words.
        lower: Whether to lower-case the text.
        split: What separates words after that.
        analyzer: Splits the text in its place.
    """
    if analyzer is None:
        words: Iterable[Any] = text_to_word_sequence(text, filters, lower, split)
    else:
        words = analyzer(text)
    hashed: Any = hash_function
    if hash_function is None:
        hashed = hash
    elif hash_function == "md5":
        hashed = _md5
    return [hashed(word) % (n - 1) + 1 for word in words]


def one_hot(
    input_text: str,
    n: int,
    filters: Filters = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """As `hashing_trick` with Python's `hash`. Despite its name, it returns indices."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def _md5(word: str) -> int:
    digest = hashlib.md5(word.encode(), usedforsecurity=False)
    return int(digest.hexdigest(), 16)


def not_a_text(value: Any, where: str) -> KerasTypeError:
    """The error for a value that is no string, such as NaN in a column of a table."""
    advice = "convert it first, for example by str(...)"
    if value is None or repr(value) in ("nan", "<NA>", "NaT"):
        advice = 'drop or fill missing texts first, as df.dropna() or df.fillna("") do'
    return KerasTypeError(
        f"{where} is {str(value)[:40]} ({type(value).__name__}), expected a string; {advice}"
    )
