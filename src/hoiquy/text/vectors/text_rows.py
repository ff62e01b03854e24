"""Word vectors in text: a word and its numbers a line, as word2vec, fastText and GloVe write them.

A word may contain spaces, so the numbers are counted from the end of the line. Only the lines of
words that are asked for are parsed: a million lines take about a second.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError
from hoiquy.text.vectors.source import LARGEST, Source

Rows = dict[bytes, NDArray[np.float32]]
_SHOWN = 40  # characters of a value in an error


def read_text_rows(
    source: Source, start: int, dimension: int, tabs: bool, wanted: Collection[bytes],
    words: int | None,
) -> Rows:  # fmt: skip
    """The vectors of the wanted words; of a word that occurs twice, the first.

    Args:
        source: the file, at its first byte.
        start: bytes before the first word.
        dimension: numbers of a vector.
        tabs: whether a tab follows the word, not a space.
        wanted: words in UTF-8.
        words: number of words by the header; None if there is no header.

    Raises:
        DataError: a line of a wanted word, or the last one, is damaged; or there are fewer lines
            than `words`, or more.
    """
    source.read(start)
    delimiter = b"\t" if tabs else b" "
    beginnings = {word if tabs else word.partition(b" ")[0] for word in wanted}
    found: Rows = {}
    number = first = 1 if words is None else 2
    last, last_number, lines = b"", 0, 0
    for number, line in enumerate(source.lines(), first):
        end = line.find(delimiter)
        if end < 0 and not line.strip():
            continue
        lines, last, last_number = lines + 1, line, number
        if line[:end] in beginnings:
            word, row = _checked(source, number, line, dimension, tabs)
            if word in wanted:
                found.setdefault(word, row)
    if last:
        _checked(source, last_number, last, dimension, tabs)
    if words is not None and lines < words:
        raise source.truncated(f"line {number}: line 1 says {words:,} words, it has {lines:,}")
    if words is not None and lines > words:
        raise source.error(f"line 1 says {words:,} words, but it has {lines:,}; mend line 1")
    return found


def parse_row(line: bytes, dimension: int, tabs: bool) -> tuple[bytes, NDArray[np.float32]]:
    """A line's word and vector. Raises ValueError, which names the value."""
    if tabs:
        word, _, rest = line.partition(b"\t")
        numbers = rest.split()
    else:
        before, *numbers = line.rsplit(None, dimension) or [b""]
        word = before.strip(b" ")
        # A line that begins with a space has the word " ", as some tools write it.
        if len(numbers) == dimension - 1 and line[:1] == b" ":
            word, numbers = b"", [before.strip(), *numbers]
    if len(numbers) != dimension:
        raise ValueError(
            f"{shown(word)} is followed by {len(numbers):,} numbers, not {dimension:,}"
        )
    try:
        values = list(map(float, numbers))
    except ValueError as error:
        bad = next(number for number in numbers if not _is_number(number))
        raise ValueError(f"{shown(bad)}, after {shown(word)}, is not a number") from error
    for value, number in zip(values, numbers, strict=True):
        if not abs(value) <= LARGEST:
            wanted = f"a finite number up to {LARGEST:,.0f}"
            raise ValueError(f"{shown(number)}, after {shown(word)}, is not {wanted}")
    return word, np.array(values, np.float32)


def shown(value: bytes) -> str:
    """A value for an error message."""
    text = value.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _checked(
    source: Source, number: int, line: bytes, dimension: int, tabs: bool
) -> tuple[bytes, NDArray[np.float32]]:
    try:
        return parse_row(line, dimension, tabs)
    except ValueError as problem:
        raise DataError(
            f"{source.path}: line {number:,}: {problem}; mend or remove the line"
        ) from problem


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
