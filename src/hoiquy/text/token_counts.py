"""Splits many texts once, both to count their words and to encode them.

Chunks of texts are split (`splitting.py`) in threads, or in processes if there is much text, and
merged in order, so that the result does not depend on which.
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
from hoiquy.text.splitting import START_TOKEN, known_words, split_and_encode, split_and_look_up
from hoiquy.text.token_buffer import TokenBuffer
from hoiquy.text.tokenizer import LAB, Tokenizer

__all__ = ["START_TOKEN", "TokenCounts", "count_tokens", "find_words", "known_words"]

T = TypeVar("T")
Work = Callable[[Sequence[str]], T]

_CHUNK = 200  # texts; the results stay in the processor's cache
_PROCESS_CHUNK = 1000  # texts; larger chunks cost less to merge
_LOOKUP_CHUNK = 1000  # texts; each chunk hashes the known words again
_BLOCK_TOKENS = 2_000_000  # tokens that are merged at once
_MAX_PENDING = 32  # chunks that may wait to be merged while threads split others
_THREADS = 2  # more would wait for the interpreter lock, which lower-casing holds
_MAX_CHUNK_CHARACTERS = 2_000_000  # splitting takes ten bytes for each, and results wait
_PROCESS_CHARACTERS = 50_000_000  # threads take seconds; starting a process takes one
_SAMPLE_TEXTS = 1000  # to estimate the number of characters


@dataclass(frozen=True, eq=False)
class TokenCounts:
    """Documents as numbers of their distinct words.

    words: START_TOKEN, then the distinct words in order of first appearance.
    numbers: (tokens,) int32, positions in `words`; each document is 0, then its words in order.
    starts: (documents + 1,) int64, where each document starts in `numbers`, and `tokens`.
    """

    words: list[str]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]


def count_tokens(
    texts: Sequence[str], rules: Tokenizer = LAB, on_done: Callable[[int], None] = lambda done: None
) -> TokenCounts:
    """Split the texts as `rules.words` does and number their words.

    on_done: called from time to time with the number of texts done. Raises HoiquyError if a worker
    process is killed.
    """
    numbers = TokenBuffer()
    number_of: dict[bytes, int] = {}  # by word, in order of first appearance
    # `closing`: an error that a notebook keeps would keep the processes alive
    with closing(_map_chunks(partial(split_and_encode, rules), texts, _CHUNK)) as chunks:
        for block in _blocks(chunks):
            numbers.write(_merge(block, number_of))
            on_done(numbers.documents)
    distinct = b"".join(number_of) or f"{START_TOKEN} ".encode("ascii")
    words = distinct.decode("utf-8", "surrogatepass").split(" ")[:-1]
    return TokenCounts(words, *numbers.finish())


def find_words(texts: Sequence[str], known: Any, rules: Tokenizer) -> Iterator[NDArray[np.int32]]:
    """Yield the positions of the words of the texts in `known` (from `known_words`), by chunks.

    Each text is 0, then the positions of its words from 1; len(known) for unknown words.
    Raises HoiquyError if a worker process is killed.
    """
    return _map_chunks(partial(split_and_look_up, rules, known), texts, _LOOKUP_CHUNK)


def _map_chunks(work: Work[T], texts: Sequence[str], size: int) -> Generator[T, None, None]:
    """Yield `work` of each chunk of `size` texts, in order; only a few results wait."""
    with _workers(work, texts, size) as (run, count, size):
        executor = ThreadPoolExecutor(count)
        pending: deque[Future[T]] = deque()
        try:
            for first in range(0, len(texts), size):
                pending.append(executor.submit(run, texts[first : first + size]))
                if len(pending) > max(_MAX_PENDING, 2 * count):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _workers(work: Work[T], texts: Sequence[str], size: int) -> Iterator[tuple[Work[T], int, int]]:
    """Yield the function for threads to call, the number of threads, and the chunk size.

    If there is much text, each thread delegates to a process. Chunks of long texts are smaller.
    """
    processes, characters = default_threads(), _characters(texts)
    most = max(1, int(_MAX_CHUNK_CHARACTERS * len(texts) / max(characters, 1)))
    if processes == 1 or characters < _PROCESS_CHARACTERS:
        yield work, _THREADS, min(size, most)
        return
    with in_processes(work, processes) as run:
        yield run, processes, min(max(size, _PROCESS_CHUNK), most)


def _characters(texts: Sequence[str]) -> float:
    """Estimate the number of characters in the texts."""
    sample = texts[:: len(texts) // _SAMPLE_TEXTS + 1]
    return len(texts) / max(len(sample), 1) * sum(map(len, sample))


def _blocks(chunks: Iterable[Any]) -> Iterator[list[Any]]:
    """Group chunks to about _BLOCK_TOKENS tokens."""
    block: list[Any] = []
    tokens = 0
    for chunk in chunks:
        block.append(chunk)
        tokens += len(chunk)
        if tokens >= _BLOCK_TOKENS:
            yield block
            block, tokens = [], 0
    if block:
        yield block


def _merge(chunks: list[Any], number_of: dict[bytes, int]) -> NDArray[np.int32]:
    """Return the words of the chunks as numbers; adds new words to `number_of`."""
    import pyarrow as pa

    # In order of first appearance: the words of the first chunk, then the new ones of the second, …
    encoded = pa.chunked_array(chunks).unify_dictionaries()
    words = encoded.chunk(0).dictionary.to_pylist()
    numbers = np.array([number_of.setdefault(word, len(number_of)) for word in words], np.int32)
    # Not `to_numpy`, which loads pandas.
    indices = [chunk.indices for chunk in encoded.chunks]
    parts = [np.frombuffer(part.buffers()[1], np.int32, len(part)) for part in indices]
    return np.take(numbers, np.concatenate(parts))
