"""Splits a few hundred texts at once: in one array of bytes, encoded by Arrow.

A Python object for each of five million words would cost over a second.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.text.tokenizer import Tokenizer

# Begins each document. It is a separator, so no word contains it.
START_TOKEN = "\n"

_SPACE = ord(" ")


def split_and_encode(rules: Tokenizer, texts: Sequence[str]) -> Any:
    """START_TOKEN and the words of each text, dictionary-encoded in order of first appearance."""
    return _split(texts, rules).dictionary_encode()


def split_and_look_up(rules: Tokenizer, known: Any, texts: Sequence[str]) -> NDArray[np.int32]:
    """The position in `known` of START_TOKEN and each word; len(known) for others; (tokens,)."""
    import pyarrow.compute as pc

    found = pc.index_in(_split(texts, rules), value_set=known)
    bits, data = found.buffers()
    positions = np.frombuffer(data, np.int32, len(found))
    if bits is None:  # all words are known
        return positions
    # not `fill_null`, which loads pandas
    is_known = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(found), bitorder="little")
    return np.where(is_known, positions, np.int32(len(known)))


def known_words(words: Sequence[str]) -> Any:
    """START_TOKEN and the words, as `split_and_look_up` takes them."""
    encoded = [f"{word} ".encode("utf-8", "surrogatepass") for word in (START_TOKEN, *words)]
    return _binary(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([*map(len, encoded)]))


def _split(texts: Sequence[str], rules: Tokenizer) -> Any:
    """Return START_TOKEN and the words of each text, as an Arrow array of bytes.

    A space ends each word, since Arrow stores values without separators.
    """
    start = f"{START_TOKEN} ".encode("ascii")
    joined = b"".join([start + rules.spaced(text) + b" " for text in texts])
    characters = np.frombuffer(joined, np.uint8)
    inside = characters != _SPACE
    kept = inside.copy()
    kept[1:] |= inside[:-1]  # the first space after a word
    characters = characters[kept]
    ends = np.flatnonzero(characters == _SPACE) + 1
    return _binary(characters, ends)


def _binary(characters: NDArray[np.uint8], ends: NDArray[np.int64]) -> Any:
    """An Arrow array of bytes, without `pa.array`, which loads pandas."""
    import pyarrow as pa

    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(characters)]
    return pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)
