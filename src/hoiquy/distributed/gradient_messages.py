"""Gradients as messages. Where most rows of a table are zeros, the others travel alone."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.distributed.wire import LostError, Message
from hoiquy.kernels import Array, Gradient, RowGradient

_UNSIGNED = {4: np.uint32, 8: np.uint64}
_ROW_NUMBER_BYTES = 8


def gradient_message(name: str, gradient: Gradient) -> Message:
    """A parameter's gradient, to be read with `read_gradient`: every bit of it."""
    if isinstance(gradient, RowGradient):
        return Message("rows", {"name": name}, {"rows": gradient.rows, "values": gradient.values})
    rows = _rows_with_a_bit(gradient)
    if rows is not None:
        arrays = {"rows": rows, "values": gradient[rows]}
        return Message("table", {"name": name, "height": len(gradient)}, arrays)
    return Message("dense", {"name": name}, {"values": gradient})


def read_gradient(message: Message) -> tuple[str, Gradient]:
    """The parameter's name and its gradient. Raises LostError if it is another message."""
    name, arrays = message.facts.get("name", ""), message.arrays
    if message.kind == "dense":
        return name, arrays["values"]
    if message.kind not in ("rows", "table"):
        raise LostError(f"a gradient was expected, and {message.kind!r} came")
    gradient = RowGradient(arrays["rows"], arrays["values"])
    return name, gradient.dense(message.facts["height"]) if message.kind == "table" else gradient


def _rows_with_a_bit(gradient: Array) -> NDArray[np.int64] | None:
    """The rows that are not all +0.0, or None where sending them alone would save nothing.

    Bits are looked at, not numbers: -0.0 is to arrive as it is.
    """
    if gradient.ndim != 2:
        return None
    rows = np.flatnonzero(gradient.view(_UNSIGNED[gradient.itemsize]).any(axis=1))
    row_bytes = gradient.shape[1] * gradient.itemsize + _ROW_NUMBER_BYTES
    return rows if len(rows) * row_bytes < gradient.nbytes else None
