"""Encoded documents of any length, padded or truncated to a rectangle."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.text.sharded_indices import Indices

Side = Literal["left", "right"]


@dataclass(frozen=True, eq=False)
class EncodedDocuments:
    """Ragged documents: document i is `indices[starts[i]:starts[i + 1]]` and may be empty.

    indices: (tokens,) int32.
    starts: (documents + 1,) int64, from 0 up to `tokens`.
    Raises ShapeError if the two arrays disagree.
    """

    indices: Indices
    starts: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.indices.ndim != 1 or self.starts.ndim != 1 or len(self.starts) == 0:
            raise ShapeError(
                f"indices {np.shape(self.indices)} and starts {self.starts.shape}: expected "
                "(tokens,) and (documents + 1,)"
            )
        whole = self.starts[0] == 0 and self.starts[-1] == len(self.indices)
        if not whole or np.any(np.diff(self.starts) < 0):
            raise ShapeError(
                f"starts must rise from 0 to the number of indices, {len(self.indices)}; "
                f"they go from {self.starts[0]} to {self.starts[-1]}"
            )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(documents,) the number of indices of each document."""
        return np.diff(self.starts)


def pad(
    documents: EncodedDocuments,
    rows: NDArray[np.int64] | None,
    length: int,
    padding: Side,
    truncating: Side,
) -> NDArray[np.int32]:
    """Return the selected documents as a rectangle, padded with 0.

    Args:
        documents: All documents.
        rows: (rows,) document numbers in any order, with repeats; None selects all in order.
        length: Number of columns.
        padding: Side on which zeros are added.
        truncating: Side on which long documents lose indices; "left" keeps their end.

    Returns:
        (rows, length) int32.

    Raises:
        ShapeError: `length` is below 1, a side is unknown or a row is not a document.
    """
    if length < 1:
        raise ShapeError(f"length {length}: expected at least 1")
    for side in (padding, truncating):
        if side not in ("left", "right"):
            raise ShapeError(f"side {side!r}: expected 'left' or 'right'")
    starts, ends = _bounds(documents, rows)
    kept = np.minimum(ends - starts, length)
    if truncating == "left":
        starts = ends - kept
    columns = length - kept if padding == "left" else np.zeros_like(kept)

    padded = np.zeros((len(kept), length), dtype=np.int32)
    # Row by row, since fancy indexing would need a (rows, length) array of positions.
    for row, source, column, size in zip(
        padded, starts.tolist(), columns.tolist(), kept.tolist(), strict=True
    ):
        row[column : column + size] = documents.indices[source : source + size]
    return padded


def _bounds(
    documents: EncodedDocuments, rows: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each selected document starts and ends, both (rows,)."""
    if rows is None:
        return documents.starts[:-1], documents.starts[1:]
    # A negative row would silently select another document.
    if len(rows) and (rows.min() < 0 or rows.max() >= len(documents)):
        raise ShapeError(
            f"rows {rows.min()} to {rows.max()}: expected 0 to {len(documents) - 1}, the documents"
        )
    return documents.starts[rows], documents.starts[rows + 1]
