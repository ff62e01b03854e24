"""Rows of different lengths, as `tf.RaggedTensor`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.tensors import EagerTensor, eager_tensor


class RaggedTensor:
    """A list of rows, each an array of one axis.

    Args:
        rows: Of one type.
        dtype: Of the rows.
    """

    def __init__(self, rows: Sequence[Any], dtype: Any = object) -> None:
        self.dtype = np.dtype(dtype)
        self.rows = [np.asarray(row, self.dtype) for row in rows]

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The number of rows, and None."""
        return (len(self.rows), None)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[EagerTensor]:
        return (eager_tensor(row, None) for row in self.rows)

    def __getitem__(self, row: int) -> EagerTensor:
        return eager_tensor(self.rows[row], None)

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {self.to_list()}>"

    @property
    def flat_values(self) -> EagerTensor:
        """The entries of all rows, one after another."""
        joined = np.concatenate(self.rows) if self.rows else np.empty(0, self.dtype)
        return eager_tensor(joined, None)

    values = flat_values

    def row_lengths(self) -> EagerTensor:
        """The number of entries of each row."""
        return eager_tensor(np.array([len(row) for row in self.rows], np.int64), None)

    def to_list(self) -> list[Any]:
        """The rows as lists."""
        return [row.tolist() for row in self.rows]

    def numpy(self) -> Any:
        """An array of the rows."""
        array = np.empty(len(self.rows), object)
        array[:] = self.rows
        return array

    def to_tensor(self, default_value: Any = None, shape: Any = None) -> EagerTensor:
        """An array in which short rows are filled up at their ends.

        Args:
            default_value: What to fill with; zeros or empty texts by default.
            shape: (rows, length); longer rows are cut. None for the longest row.
        """
        length = None if shape is None else shape[-1]
        if length is None:
            length = max(map(len, self.rows), default=0)
        if default_value is None:
            default_value = b"" if self.dtype == object else 0
        array = np.full((len(self.rows), int(length)), default_value, self.dtype)
        for target, row in zip(array, self.rows, strict=True):
            target[: len(row)] = row[: int(length)]
        return eager_tensor(array, None)
