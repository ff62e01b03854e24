"""Word vectors in word2vec's binary format.

A line with the numbers of words and of numbers; then for each word its bytes, a space, and its
numbers as float32 in little-endian order. The original program puts a line end after them.
"""

from collections.abc import Collection

import numpy as np

from hoiquy.text.vectors.source import BLOCK, LARGEST, Source
from hoiquy.text.vectors.text_rows import Rows, shown

LONGEST_WORD = 10_000  # bytes; in a longer one the vectors are out of step
_LINE_END = ord("\n")
_AGAIN = "the file is damaged: download or copy it again"


def read_binary_rows(
    source: Source, start: int, dimension: int, wanted: Collection[bytes], words: int
) -> Rows:
    """The vectors of the wanted words; of a word that occurs twice, the first.

    Args:
        source: the file, at its first byte.
        start: bytes before the first word.
        dimension: numbers of a vector.
        wanted: words in UTF-8.
        words: number of words by the header.

    Raises:
        DataError: the file is damaged, or a wanted vector is not finite.
    """
    source.read(start)
    found: Rows = {}
    size = 4 * dimension
    block, at, before = b"", 0, start  # block[at] is byte before + at
    line_ends = False  # between the words; without, damage that shifts the bytes may go unseen
    for number in range(1, words + 1):
        end = block.find(b" ", at, at + LONGEST_WORD)
        if end < 0 or end + 1 + size > len(block):
            before, block, at = before + at, block[at:] + source.read(BLOCK), 0
            end = block.find(b" ", 0, LONGEST_WORD)
            if end < 0 and len(block) >= LONGEST_WORD:
                raise source.error(
                    f"byte {before:,}: word {number:,} of {words:,} has more than {LONGEST_WORD:,} "
                    f"bytes; {_AGAIN}"
                )
            if end < 0 or end + 1 + size > len(block):
                raise source.truncated(f"word {number:,} of {words:,}")
        if number == 2:
            line_ends = block[at] == _LINE_END
        elif line_ends and number > 2 and block[at] != _LINE_END:
            raise source.error(
                f"byte {before + at:,}: no line end before word {number:,}; {_AGAIN}"
            )
        word = block[at:end].lstrip(b"\n")
        if word in wanted and word not in found:
            row = np.frombuffer(block, "<f4", dimension, end + 1).astype(np.float32)
            valid = np.abs(row) <= LARGEST  # False for NaN
            if not valid.all():
                value = row[~valid][0]
                raise source.error(
                    f"byte {before + end + 1:,}: {value} in the vector of {shown(word)} is not a "
                    f"finite number up to {LARGEST:,.0f}"
                )
            found[word] = row
        at = end + 1 + size
    left = block[at:].strip(b"\n")
    if left or source.read(BLOCK).strip(b"\n"):
        raise source.error(
            f"line 1 says {words:,} words, but there are more from byte {before + at:,} on"
        )
    return found
