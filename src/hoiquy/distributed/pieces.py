"""Gradients as messages, in pieces: while one is added up, the one before is on its way already.

Where most rows of a table are zeros, the others travel alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.distributed.wire import LostError, Message
from hoiquy.nn.kernels import Array, Gradient, RowGradient

_PIECE_BYTES, _MOST_PIECES = 1 << 18, 32
_UNSIGNED = {4: np.uint32, 8: np.uint64}
_ROW_NUMBER_BYTES = 8


class Piece(NamedTuple):
    """The rows of a parameter from one up to another."""

    name: str
    begin: int
    end: int

    def of(self, gradient: Gradient) -> Gradient:
        """This piece of the parameter's gradient; not copied. Rows count from its beginning."""
        if not isinstance(gradient, RowGradient):
            return gradient[self.begin : self.end]
        first, last = np.searchsorted(gradient.rows, (self.begin, self.end))
        return RowGradient(gradient.rows[first:last] - self.begin, gradient.values[first:last])


def pieces(parameters: Mapping[str, Array]) -> Iterator[Piece]:
    """All pieces of all parameters, in the order that every process sends and expects."""
    for name, array in parameters.items():
        count = max(1, min(ceil(array.nbytes / _PIECE_BYTES), _MOST_PIECES, len(array)))
        bounds = [len(array) * number // count for number in range(count + 1)]
        yield from (Piece(name, *bounds[at : at + 2]) for at in range(count))


def joined(parts: Iterable[tuple[Piece, Gradient]]) -> dict[str, Gradient]:
    """The gradients of the parameters, from all their pieces in order."""
    found: dict[str, list[tuple[int, Gradient]]] = defaultdict(list)
    for piece, gradient in parts:
        found[piece.name].append((piece.begin, gradient))
    return {name: _one(several) for name, several in found.items()}


def _one(several: list[tuple[int, Gradient]]) -> Gradient:
    dense = [part for _, part in several if not isinstance(part, RowGradient)]
    if dense:
        return np.concatenate(dense) if len(dense) > 1 else dense[0]
    tables = [(begin, part) for begin, part in several if isinstance(part, RowGradient)]
    rows = np.concatenate([begin + part.rows for begin, part in tables])
    return RowGradient(rows, np.concatenate([part.values for _, part in tables]))


def gradient_message(gradient: Gradient) -> Message:
    """A gradient, to be read with `read_gradient`: every bit of it."""
    if isinstance(gradient, RowGradient):
        return Message("rows", {}, {"rows": gradient.rows, "values": gradient.values})
    rows = _rows_with_a_bit(gradient)
    if rows is not None:
        arrays = {"rows": rows, "values": gradient[rows]}
        return Message("table", {"height": len(gradient)}, arrays)
    return Message("dense", {}, {"values": gradient})


def read_gradient(message: Message) -> Gradient:
    """Raises LostError if it is another message."""
    arrays = message.arrays
    if message.kind == "dense":
        return arrays["values"]
    if message.kind not in ("rows", "table"):
        raise LostError(f"a gradient was expected, and {message.kind!r} came")
    gradient = RowGradient(arrays["rows"], arrays["values"])
    return gradient.dense(message.facts["height"]) if message.kind == "table" else gradient


def _rows_with_a_bit(gradient: Array) -> NDArray[np.int64] | None:
    """The rows that are not all +0.0, or None where sending them alone would save nothing.

    Bits are looked at, not numbers: -0.0 is to arrive as it is.
    """
    if gradient.ndim != 2:
        return None
    rows = np.flatnonzero(gradient.view(_UNSIGNED[gradient.itemsize]).any(axis=1))
    row_bytes = gradient.shape[1] * gradient.itemsize + _ROW_NUMBER_BYTES
    return rows if len(rows) * row_bytes < gradient.nbytes else None
