"""Gradients of tables of which a batch uses few rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.select import kernels_for
from hoiquy.nn.kernels.types import Array


@dataclass
class RowGradient:
    """The gradient of some rows; that of every other row is zero.

    rows: (used,) int64, distinct and ascending. values: (used, units).
    """

    rows: NDArray[np.int64]
    values: Array

    def add(self, other: "RowGradient") -> None:
        """Add another gradient, after this one where both have a row: the order fixes the bits."""
        rows = np.union1d(self.rows, other.rows)
        values = np.zeros((len(rows), self.values.shape[1]), self.values.dtype)
        for part in (self, other):
            values[np.searchsorted(rows, part.rows)] += part.values
        self.rows, self.values = rows, values

    def dense(self, height: int) -> Array:
        """(height, units), zeros included."""
        whole = np.zeros((height, self.values.shape[1]), self.values.dtype)
        whole[self.rows] = self.values
        return whole


@dataclass
class LookupGradient:
    """The gradient of a table, as the gradients of the rows that were looked up, not yet added.

    Shards hand these on: a table for each of them would take more time than everything else.

    rows: of the table, or the first ones, which hold all indices.
    parts: of each call, its indices and the gradients of their rows (*indices.shape, units).
    """

    rows: int
    parts: list[tuple[NDArray[np.int32], Array]]

    def dense(self) -> Array:
        """(rows, units), each row added in the order of the parts."""
        table = self.empty_table()
        self.fill(table, 0, 1)
        return table

    def empty_table(self) -> Array:
        """A table for `fill`, of any content."""
        d_y = self.parts[0][1]
        shape = self.rows, d_y.shape[-1]
        return work_array(*shape) if d_y.dtype == np.float32 else np.empty(shape, d_y.dtype)

    def fill(self, table: Array, first: int, every: int) -> None:
        """Set the rows first, first + every, …"""
        table[first::every] = 0
        add = kernels_for(table.dtype).embedding_backward
        for indices, d_y in self.parts:
            add(indices, d_y, self.rows, table, (first, every))


Gradient = Array | RowGradient | LookupGradient


def add_gradients(totals: dict[str, Gradient], more: Mapping[str, Gradient]) -> None:
    """Add gradients by name to the totals, in place."""
    for name, gradient in more.items():
        if name in totals:
            add_gradient(totals[name], gradient)
        else:
            totals[name] = gradient


def add_gradient(total: Gradient, more: Gradient) -> None:
    """Add a gradient of the same parameter, in place."""
    if isinstance(total, RowGradient) and isinstance(more, RowGradient):
        total.add(more)
    elif isinstance(total, LookupGradient) and isinstance(more, LookupGradient):
        total.parts += more.parts
    else:
        values = gradient_values(total)
        values += gradient_values(more)


def gradient_values(gradient: Gradient) -> Array:
    """The values of a gradient without the zero rows, to read or change in place.

    Those of a LookupGradient are a copy.
    """
    if isinstance(gradient, LookupGradient):
        return gradient.dense()
    return gradient.values if isinstance(gradient, RowGradient) else gradient
