"""The words of some hundred texts at once: cut out of one array of bytes, and numbered by Arrow.

A Python object for each of five million words costs over a second.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.text.tokenizer import Tokenizer

# In place of a word in front of each document. No word holds a separator.
MARK = "\n"

_SPACE = ord(" ")


def cut_and_number(rules: Tokenizer, texts: Sequence[str]) -> Any:
    """MARK and the words of each text, as an Arrow dictionary: words as they come, and places."""
    return _cut(texts, rules).dictionary_encode()


def cut_and_find(rules: Tokenizer, known: Any, texts: Sequence[str]) -> NDArray[np.int32]:
    """Where MARK and the words of each text stand in `known`, or one behind its last; (tokens,)."""
    import pyarrow.compute as pc

    found = pc.index_in(_cut(texts, rules), value_set=known)
    bits, data = found.buffers()
    places = np.frombuffer(data, np.int32, len(found))
    if bits is None:  # all words are known
        return places
    # not `fill_null`, which loads pandas
    is_known = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(found), bitorder="little")
    return np.where(is_known, places, np.int32(len(known)))


def known_words(words: Sequence[str]) -> Any:
    """MARK and the words, as `cut_and_find` wants them."""
    encoded = [f"{word} ".encode("utf-8", "surrogatepass") for word in (MARK, *words)]
    return _binary(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([*map(len, encoded)]))


def _cut(texts: Sequence[str], rules: Tokenizer) -> Any:
    """Return MARK and the words of each text, as an Arrow array of bytes.

    Each ends with one space: Arrow has nothing between one value and the next.
    """
    mark = f"{MARK} ".encode("ascii")
    joined = b"".join([mark + rules.spaced(text) + b" " for text in texts])
    characters = np.frombuffer(joined, np.uint8)
    inside = characters != _SPACE
    kept = inside.copy()
    kept[1:] |= inside[:-1]  # the first space after a word
    characters = characters[kept]
    ends = np.flatnonzero(characters == _SPACE) + 1
    return _binary(characters, ends)


def _binary(characters: NDArray[np.uint8], ends: NDArray[np.int64]) -> Any:
    """An Arrow array of bytes; not by `pa.array`, which loads pandas."""
    import pyarrow as pa

    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(characters)]
    return pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)
