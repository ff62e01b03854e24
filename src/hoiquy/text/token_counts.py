"""All words of many texts at once, as numbers: each word is read once, to count and to encode.

Some hundred texts are cut at a time (`cutting.py`), in threads, or in processes where there is much
text; what comes out is brought together in order, so that it is the same either way.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.shards import default_threads
from hoiquy.text.processes import in_processes
from hoiquy.text.splitting import MARK, cut_and_find, cut_and_number, known_words
from hoiquy.text.token_buffer import TokenBuffer
from hoiquy.text.tokenizer import LAB, Tokenizer

__all__ = ["MARK", "TokenCounts", "count_tokens", "find_words", "known_words"]

T = TypeVar("T")
Work = Callable[[Sequence[str]], T]

_CHUNK = 200  # texts; what is made of so many stays in the processor's cache
_OF_A_PROCESS = 1000  # texts; of larger chunks there is less to be brought together
_LOOKED_UP = 1000  # texts; to look words up, the known ones are hashed for each chunk anew
_BLOCK = 2_000_000  # tokens; the words of so many are brought together at once
_WAITING = 32  # chunks made ahead, so that threads go on while words are brought together
_THREADS = 2  # more would wait for the interpreter, which lower-cases and encodes the texts
_AT_ONCE = 2_000_000  # characters: cutting takes ten bytes for each, and results wait
_MUCH = 50_000_000  # characters: threads take seconds for so many, starting a process takes one
_SAMPLE = 1000  # texts, to guess how many characters there are


@dataclass(frozen=True, eq=False)
class TokenCounts:
    """Every word of some documents as its place in the list of different words.

    words: MARK, then the different words in the order of their first appearance.
    numbers: (tokens,) int32, places in `words`: of each document 0 and then its words in order.
    starts: (documents + 1,) int64, where each document starts in `numbers`, and `tokens`.
    """

    words: list[str]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]


def count_tokens(
    texts: Sequence[str], rules: Tokenizer = LAB, on_done: Callable[[int], None] = lambda done: None
) -> TokenCounts:
    """Number the words of the texts, which are those that `rules.words` finds.

    on_done: is told now and then how many texts are done. Raises HoiquyError if a process that
    reads texts is killed.
    """
    numbers = TokenBuffer()
    place: dict[bytes, int] = {}  # of each word in the order of their first appearance
    # closed: else an error that is kept, as in a notebook, would keep the processes
    with closing(_side_by_side(partial(cut_and_number, rules), texts, _CHUNK)) as chunks:
        for block in _blocks(chunks):
            numbers.write(_placed(block, place))
            on_done(numbers.documents)
    different = b"".join(place) or f"{MARK} ".encode("ascii")
    words = different.decode("utf-8", "surrogatepass").split(" ")[:-1]
    return TokenCounts(words, *numbers.finish())


def find_words(texts: Sequence[str], known: Any, rules: Tokenizer) -> Iterator[NDArray[np.int32]]:
    """Where the words of the texts stand among known ones, as `known_words` has made them.

    Some texts after the others: of each 0 and then the places of its words in order, counted from
    1, and one more than there are for a word that is not known. Raises as `count_tokens`.
    """
    return _side_by_side(partial(cut_and_find, rules, known), texts, _LOOKED_UP)


def _side_by_side(work: Work[T], texts: Sequence[str], size: int) -> Generator[T, None, None]:
    """What `work` makes of so many texts at a time, in order; a few results wait at most."""
    with _workers(work, texts, size) as (run, count, size):
        executor = ThreadPoolExecutor(count)
        waiting: deque[Future[T]] = deque()
        try:
            for first in range(0, len(texts), size):
                waiting.append(executor.submit(run, texts[first : first + size]))
                if len(waiting) > max(_WAITING, 2 * count):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _workers(work: Work[T], texts: Sequence[str], size: int) -> Iterator[tuple[Work[T], int, int]]:
    """`work`, as threads are to call it, how many of them, and the texts at a time.

    Of much text, each thread has a process do it. Of long texts, fewer are taken at a time.
    """
    processes, characters = default_threads(), _characters(texts)
    most = max(1, int(_AT_ONCE * len(texts) / max(characters, 1)))
    if processes == 1 or characters < _MUCH:
        yield work, _THREADS, min(size, most)
        return
    with in_processes(work, processes) as run:
        yield run, processes, min(max(size, _OF_A_PROCESS), most)


def _characters(texts: Sequence[str]) -> float:
    """About how many the texts have."""
    sample = texts[:: len(texts) // _SAMPLE + 1]
    return len(texts) / max(len(sample), 1) * sum(map(len, sample))


def _blocks(chunks: Iterable[Any]) -> Iterator[list[Any]]:
    """Chunks that have about _BLOCK tokens together."""
    block: list[Any] = []
    tokens = 0
    for chunk in chunks:
        block.append(chunk)
        tokens += len(chunk)
        if tokens >= _BLOCK:
            yield block
            block, tokens = [], 0
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
