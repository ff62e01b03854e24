"""The n-grams of texts as 52-bit keys, computed for all texts at once.

A key is a hash of the characters or words of an n-gram. Among ten million different n-grams, two
share a key with a probability of 1 in 90. Keys depend on the n-gram alone, so they may be stored.

An occurrence is one number of 64 bits: the key, then the row of its text. Sorting such numbers
takes a seventh of the time of sorting keys with their rows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Occurrences = NDArray[np.uint64]  # of n-grams in texts: key << ROW_BITS | row

ROW_BITS = 12
MOST_ROWS = 1 << ROW_BITS  # texts whose n-grams are computed at once

_ROW = np.uint64(MOST_ROWS - 1)
_SPACE = ord(" ")
_END = ord("\n")  # of a text: it is in no word, and words of two texts stay apart
# Odd multipliers of splitmix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
# generators", OOPSLA) and its golden ratio.
NEXT, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_NEXT, _FIRST, _SECOND = map(np.uint64, (NEXT, FIRST, SECOND))


def keys_of(occurrences: Occurrences) -> Keys:
    """The key of each occurrence."""
    return occurrences >> np.uint64(ROW_BITS)


def rows_of(occurrences: Occurrences) -> NDArray[np.int32]:
    """The row of the text of each occurrence."""
    return (occurrences & _ROW).astype(np.int32)


def character_ngrams(
    texts: Sequence[str], shortest: int, longest: int, across_words: bool = False
) -> Occurrences:
    """The n-grams of the characters of texts.

    A text gets a space before and after, and runs of white space count as one. A space alone is no
    n-gram, and a word that is shorter than the shortest n-gram has none: scikit-learn's `char_wb`
    counts both. Its `char` leaves a single line break as it is, and adds no spaces.

    Args:
        texts: At most `MOST_ROWS`, in the case and the normal form that counts.
        shortest: The smallest number of characters, 1 or more.
        longest: The largest number of characters.
        across_words: Whether a space may stand inside an n-gram. Otherwise it may begin and end
            one only, as in scikit-learn's `char_wb`.
    """
    padded = list(map(padded_text, texts))
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32)
    row = np.repeat(np.arange(len(texts), dtype=np.uint64), list(map(len, padded)))
    is_space = codes == _SPACE
    spaces_before = np.concatenate([[0], np.cumsum(is_space)])
    found = []
    key = _mixed(codes.astype(np.uint64))
    for length in range(1, longest + 1):
        if length > 1:
            key = extended(key, codes[length - 1 :].astype(np.uint64))
        if length < shortest or not len(key):
            continue
        first, last = slice(0, len(key)), slice(length - 1, None)
        kept = row[first] == row[last]
        if length <= 2:
            kept &= ~(is_space[first] & is_space[last])
        elif not across_words:
            inside = spaces_before[length - 1 :][: len(key)] - spaces_before[1:][: len(key)]
            kept &= inside == 0
        found.append(_occurrences(key[kept], row[first][kept]))
    return _joined(found)


def padded_text(text: str) -> str:
    """The characters that n-grams are made of: single spaces, and one before and after."""
    return f" {' '.join(text.split())} "


def word_ngrams(texts: Sequence[bytes], longest: int) -> Occurrences:
    """The n-grams of the words of texts.

    Args:
        texts: At most `MOST_ROWS`: the words of each in UTF-8, separated by spaces, as
            `Tokenizer.spaced` gives them.
        longest: The largest number of words.
    """
    joined = np.frombuffer(b"".join([text + b"\n" for text in texts]), np.uint8)
    words, begins = _word_keys(joined)
    ends_before = np.concatenate([[0], np.cumsum(joined == _END)])
    row = ends_before[begins].astype(np.uint64)
    found, key = [_occurrences(words, row)], words
    for length in range(2, longest + 1):
        key = extended(key, words[length - 1 :])
        kept = row[: len(key)] == row[length - 1 :]
        found.append(_occurrences(key[kept], row[: len(key)][kept]))
    return _joined(found)


def word_keys(words: bytes) -> Keys:
    """The 64-bit key of each of the words, in UTF-8 and separated by spaces."""
    return _word_keys(np.frombuffer(words, np.uint8))[0]


def _word_keys(joined: NDArray[np.uint8]) -> tuple[Keys, NDArray[np.int64]]:
    """The key of each word, a polynomial of its bytes modulo 2^64, mixed; and where it begins."""
    in_word = (joined != _END) & (joined != _SPACE)
    letters = np.flatnonzero(in_word)
    if not len(letters):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    starts = np.flatnonzero(~np.concatenate([[False], in_word[:-1]])[letters])
    lengths = np.diff(np.append(starts, len(letters)))
    place = np.arange(len(letters)) - np.repeat(starts, lengths)
    powers = np.full(int(lengths.max()), _NEXT)
    powers = np.multiply.accumulate(powers, dtype=np.uint64)
    terms = _mixed(joined[letters].astype(np.uint64)) * powers[place]
    return _mixed(np.add.reduceat(terms, starts, dtype=np.uint64)), letters[starts]


def extended(key: Keys, following: Keys) -> Keys:
    """The keys of n-grams that are one longer. following: what comes after each of the first."""
    return _mixed(key[: len(following)] * _NEXT + following)


def _mixed(key: Keys) -> Keys:
    """A bijection after which every bit depends on all bits: the finaliser of splitmix64."""
    key = key + _NEXT
    key ^= key >> np.uint64(30)
    key *= _FIRST
    key ^= key >> np.uint64(27)
    key *= _SECOND
    key ^= key >> np.uint64(31)
    return key


def _occurrences(key: Keys, row: NDArray[np.uint64]) -> Occurrences:
    return key & ~_ROW | row


def _joined(found: list[Occurrences]) -> Occurrences:
    return np.concatenate([np.zeros(0, np.uint64), *found])
