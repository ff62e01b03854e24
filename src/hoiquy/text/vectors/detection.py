"""The format of a file of word vectors, found by its content and not by its name."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from hoiquy.text.vectors.fasttext_model import MAGIC, read_header
from hoiquy.text.vectors.other_formats import EXPECTED, other_format
from hoiquy.text.vectors.source import HEAD, MOST_NUMBERS, Source
from hoiquy.text.vectors.text_rows import parse_row, shown

Format = Literal["word2vec text", "word2vec binary", "GloVe text", "fastText model"]

_MARK = b"\xef\xbb\xbf"  # of UTF-8, from editors
_HEADER = re.compile(rb"[ \t]*(\d{1,15})[ \t]+(\d{1,15})[ \t]*\r?")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_SAMPLE = 100  # lines in which the numbers of a row are counted


@dataclass(frozen=True)
class Layout:
    """How the vectors of a file are stored.

    Attributes:
        format: The format.
        dimension: Numbers of each vector.
        words: Number of words; None for GloVe, which does not say.
        start: Bytes before the first word.
        tabs: In text, whether a tab follows the word; otherwise a space.
    """

    format: Format
    dimension: int
    words: int | None = None
    start: int = 0
    tabs: bool = False


def detect(source: Source) -> Layout:
    """The layout of a file that has not been read yet. Raises DataError if it has no vectors."""
    head = source.head()
    if not head:
        raise source.error(f"the file is empty; {EXPECTED}")
    if head.startswith(MAGIC):
        header = read_header(source, head)
        return Layout("fastText model", header.dimension, header.words)
    other = other_format(head, source.path)
    if other is not None:
        raise source.error(f"it is {other}")
    mark = len(_MARK) if head.startswith(_MARK) else 0
    first, end, rest = head[mark:].partition(b"\n")
    if not end and len(head) == HEAD:
        raise source.error(f"no line ends in its first {HEAD:,} bytes; {EXPECTED}")
    header_line = _HEADER.fullmatch(first)
    if header_line is None:
        return _without_header(source, head[mark:], mark)
    words, dimension = int(header_line[1]), int(header_line[2])
    return _with_header(source, rest, words, dimension, mark + len(first) + len(end))


def _with_header(source: Source, rest: bytes, words: int, dimension: int, start: int) -> Layout:
    if words == 0 or not 1 <= dimension <= MOST_NUMBERS:
        raise source.error(
            f"line 1 says {words:,} words of {dimension:,} numbers, expected at least one word and "
            f"1 to {MOST_NUMBERS:,} numbers"
        )
    line, tabs = rest.partition(b"\n")[0], _has_tab(rest)
    try:
        parse_row(line, dimension, tabs)
    except ValueError as problem:
        if not _CONTROL.search(rest) and _is_utf8(rest):
            raise source.error(f"line 2: {problem}, as line 1 says; {EXPECTED}") from problem
        layout, least = Layout("word2vec binary", dimension, words, start), 1 + 4 * dimension
    else:
        layout, least = Layout("word2vec text", dimension, words, start, tabs), 1 + 2 * dimension
        _check_dimension(source, rest, layout)
    if source.size is not None and source.size - start + 1 < words * least:
        raise source.error(
            f"line 1 says {words:,} words of {dimension:,} numbers, for which {source.size:,} "
            f"bytes are too few ({layout.format}); download or copy the file again"
        )
    return layout


def _without_header(source: Source, content: bytes, start: int) -> Layout:
    tabs = _has_tab(content)
    dimension = _usual_dimension(content, tabs)
    line = content.partition(b"\n")[0]
    try:
        if not 1 <= dimension <= MOST_NUMBERS:
            raise ValueError(f"{shown(line)} is not a word and its numbers")
        parse_row(line, dimension, tabs)
    except ValueError as problem:
        if _CONTROL.search(content):
            raise source.error(f"its format is unknown; {EXPECTED}") from problem
        raise source.error(f"line 1: {problem}; {EXPECTED}") from problem
    return Layout("GloVe text", dimension, None, start, tabs)


def _check_dimension(source: Source, rows: bytes, layout: Layout) -> None:
    """Raise DataError if the rows have more numbers than the header says."""
    usual = _usual_dimension(rows, layout.tabs)
    if usual > layout.dimension:
        raise source.error(
            f"line 1 says {layout.dimension:,} numbers a word, but the lines below have {usual:,}; "
            f"mend line 1"
        )


def _usual_dimension(rows: bytes, tabs: bool) -> int:
    """The most frequent number of numbers in the first lines; a word may have spaces."""
    lines = rows.split(b"\n", _SAMPLE)
    lines = lines[:-1] or lines  # the last one may be cut
    counted = Counter(
        len(line.partition(b"\t")[2].split()) if tabs else len(line.split()) - 1
        for line in lines
        if line.strip()
    )
    return max(counted, key=lambda numbers: (counted[numbers], -numbers), default=0)


def _has_tab(rows: bytes) -> bool:
    """Whether a tab follows the first word."""
    return b"\t" in rows.partition(b"\n")[0].strip()


def _is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8, perhaps cut within its last character."""
    for cut in range(4):
        try:
            content[: len(content) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
