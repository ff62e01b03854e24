"""All words of many texts at once, as numbers: each word is read once, to count and to encode.

A Python object for each of five million words costs over a second. So the words of some hundred
texts are cut out of one array of bytes, and Arrow numbers them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hoiquy.text.rules import LAB, TextRules
from hoiquy.text.token_spool import TokenSpool

T = TypeVar("T")

# In place of a word in front of each document. No word holds a separator.
MARK = "\n"

_CHUNK = 200  # texts; what is made of so many stays in the processor's cache
_LOOKED_UP = 1000  # texts; to look words up, the known ones are hashed for each chunk anew
_BLOCK = 2_000_000  # tokens; the words of so many are brought together at once
_WAITING = 32  # chunks made ahead, so that threads go on while words are brought together
_THREADS = 2  # more would wait for the interpreter, which lower-cases and encodes the texts
_SPACE = ord(" ")


@dataclass(frozen=True, eq=False)
class NumberedWords:
    """Every word of some documents as its place in the list of different words.

    words: MARK, then the different words in the order of their first appearance.
    numbers: (tokens,) int32, places in `words`: of each document 0 and then its words in order.
    starts: (documents + 1,) int64, where each document starts in `numbers`, and `tokens`.
    """

    words: list[str]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]


def number_words(texts: Sequence[str], rules: TextRules = LAB) -> NumberedWords:
    """Number the words of the texts, which are those that `rules.words` finds."""
    numbers = TokenSpool()
    place: dict[bytes, int] = {}  # of each word in the order of their first appearance
    chunks = _side_by_side(partial(_cut_and_number, rules), texts, _CHUNK)
    for block in _blocks(chunks):
        numbers.write(_placed(block, place))
    different = b"".join(place) or f"{MARK} ".encode("ascii")
    words = different.decode("utf-8", "surrogatepass").split(" ")[:-1]
    return NumberedWords(words, *numbers.finish())


def find_words(texts: Sequence[str], known: Any, rules: TextRules) -> Iterator[NDArray[np.int32]]:
    """Where the words of the texts stand among known ones, as `known_words` has made them.

    Some texts after the others: of each 0 and then the places of its words in order, counted from
    1, and one more than there are for a word that is not known.
    """
    return _side_by_side(partial(_cut_and_find, rules, known), texts, _LOOKED_UP)


def known_words(words: Sequence[str]) -> Any:
    """MARK and the words, as `_cut` gives them."""
    encoded = [f"{word} ".encode("utf-8", "surrogatepass") for word in (MARK, *words)]
    return _binary(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([*map(len, encoded)]))


def _side_by_side(
    work: Callable[[Sequence[str]], T], texts: Sequence[str], size: int
) -> Iterator[T]:
    """What `work` makes of so many texts at a time, in order; a few results wait at most."""
    with ThreadPoolExecutor(_THREADS) as executor:
        waiting: deque[Future[T]] = deque()
        for first in range(0, len(texts), size):
            waiting.append(executor.submit(work, texts[first : first + size]))
            if len(waiting) > _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _blocks(chunks: Iterable[Any]) -> Iterator[list[Any]]:
    """Chunks that have about _BLOCK tokens together."""
    block: list[Any] = []
    for chunk in chunks:
        block.append(chunk)
        if sum(map(len, block)) >= _BLOCK:
            yield block
            block = []
    if block:
        yield block


def _placed(chunks: list[Any], place: dict[bytes, int]) -> NDArray[np.int32]:
    """The words of some chunks as places in all that were met; new ones are added to `place`."""
    import pyarrow as pa

    # The words of the first chunk, then those that are new in the second, and so on.
    encoded = pa.chunked_array(chunks).unify_dictionaries()
    words = encoded.chunk(0).dictionary.to_pylist()
    places = np.array([place.setdefault(word, len(place)) for word in words], np.int32)
    # Not `to_numpy`, which loads pandas.
    indices = [chunk.indices for chunk in encoded.chunks]
    parts = [np.frombuffer(part.buffers()[1], np.int32, len(part)) for part in indices]
    return np.take(places, np.concatenate(parts))


def _cut_and_find(rules: TextRules, known: Any, texts: Sequence[str]) -> NDArray[np.int32]:
    import pyarrow.compute as pc

    found = pc.index_in(_cut(texts, rules), value_set=known)
    bits, data = found.buffers()
    places = np.frombuffer(data, np.int32, len(found))
    if bits is None:  # all words are known
        return places
    # not `fill_null`, which loads pandas
    is_known = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(found), bitorder="little")
    return np.where(is_known, places, np.int32(len(known)))


def _cut_and_number(rules: TextRules, texts: Sequence[str]) -> Any:
    return _cut(texts, rules).dictionary_encode()


def _cut(texts: Sequence[str], rules: TextRules) -> Any:
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
