"""What the transformations of a data set do to its elements."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.pipeline.elements import as_element, leaves, map_structure
from hoiquy.keras.tensors import EagerTensor

Elements = Iterator[Any]
Source = Iterable[Any]


def applied(function: Callable[..., Any], element: Any) -> Any:
    """The function of an element; the parts of a tuple are its arguments."""
    return function(*element) if isinstance(element, tuple) else function(element)


def mapped(source: Source, function: Callable[..., Any]) -> Elements:
    name = f"map: {getattr(function, '__name__', 'the function')}"
    for element in source:
        yield as_element(applied(function, element), name)


def filtered(source: Source, predicate: Callable[..., Any]) -> Elements:
    for element in source:
        if bool(applied(predicate, element)):
            yield element


def groups(source: Source, size: int, drop_remainder: bool) -> Iterator[list[Any]]:
    """Lists of so many elements, the last one shorter."""
    elements = iter(source)
    while group := list(islice(elements, size)):
        if len(group) == size or not drop_remainder:
            yield group


def shuffled(source: Source, buffer_size: int, rng: np.random.Generator) -> Elements:
    """In random order: each element is drawn from a buffer that the next one then fills."""
    buffer: list[Any] = []
    for element in source:
        if len(buffer) < buffer_size:
            buffer.append(element)
            continue
        place = int(rng.integers(len(buffer)))
        yield buffer[place]
        buffer[place] = element
    rng.shuffle(buffer)
    yield from buffer


def repeated(source: Source, times: int) -> Elements:
    """So many times, below 0 for ever; nothing of an empty source."""
    for _ in count() if times < 0 else range(times):
        is_empty = True
        for element in source:
            is_empty = False
            yield element
        if is_empty:
            return


def unbatched(source: Source) -> Elements:
    for batch in source:
        tensors = list(leaves(batch))
        if any(tensor.ndim == 0 for tensor in tensors):
            raise KerasError("unbatch: an element is a single value, not a batch")
        rows = {len(tensor) for tensor in tensors}
        if len(rows) > 1:
            raise KerasError(f"unbatch: the parts of a batch have {sorted(rows)} rows")
        for row in range(rows.pop()):
            yield map_structure(lambda tensor, row=row: tensor[row], batch)


def windows(
    source: Source, size: int, shift: int, stride: int, drop_remainder: bool
) -> Iterator[list[Any]]:
    """Lists of so many elements at a distance of `stride`; each begins `shift` after the last."""
    span = (size - 1) * stride + 1
    pending: deque[Any] = deque()
    elements = iter(source)
    to_skip = 0
    while True:
        for _ in islice(elements, to_skip):
            pass
        pending.extend(islice(elements, span - len(pending)))
        if not pending or (drop_remainder and len(pending) < span):
            return
        yield list(pending)[::stride]
        to_skip = max(shift - len(pending), 0)
        for _ in range(min(shift, len(pending))):
            pending.popleft()


class Cache:
    """The elements of a source, kept once an iteration has reached their end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: list[Any] | None = None

    def __iter__(self) -> Elements:
        if self._kept is not None:
            yield from self._kept
            return
        elements = []
        for element in self._source:
            elements.append(element)
            yield element
        self._kept = elements


class Shuffle:
    """The elements in another random order in each iteration.

    Args:
        source: The elements.
        buffer_size: How many are held to draw from.
        seed: The same seed gives the same orders.
        anew: Whether iterations have different orders.
    """

    def __init__(self, source: Source, buffer_size: int, seed: int, anew: bool) -> None:
        self._source, self._buffer_size, self._seed, self._anew = source, buffer_size, seed, anew
        self._iterations = 0

    def __iter__(self) -> Elements:
        rng = np.random.default_rng([self._seed, self._iterations])
        if self._anew:
            self._iterations += 1
        return shuffled(self._source, self._buffer_size, rng)


def slices(tensors: Any, rows: int) -> Elements:
    """The rows of tensors."""

    def row_of(row: int) -> Callable[[EagerTensor], Any]:
        return lambda tensor: tensor[row]

    for row in range(rows):
        yield map_structure(row_of(row), tensors)
