"""Gradients of tables of which a batch uses few rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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


class TableRows(NamedTuple):
    """Some rows of a table.

    rows: ascending. positions: (rows of the table,), where each of them is among them.
    """

    rows: NDArray[np.int64]
    positions: NDArray[np.int32]


@dataclass
class LookupGradient:
    """The gradient of a table, as the gradients of the rows that were looked up, not yet added.

    Shards hand these on: a table for each of them would take more time than everything else.

    height: rows of the table.
    parts: of each call, its indices and the gradients of their rows (*indices.shape, units).
    among: rows that hold all that were ever looked up; None for all. The others have no gradient
        and, with an optimizer that has begun with them, no moments: an update would not change
        them.
    """

    height: int
    parts: list[tuple[NDArray[np.int32], Array]]
    among: TableRows | None = None

    def added(self) -> "Array | RowGradient":
        """The sum, each row added in the order of the parts."""
        values = self.empty_values()
        self.fill(values, 0, 1)
        return self.of_values(values)

    def empty_values(self) -> Array:
        """The gradients of the rows, for `fill`, of any content."""
        d_y = self.parts[0][1]
        shape = (self.height if self.among is None else len(self.among.rows)), d_y.shape[-1]
        return work_array(*shape) if d_y.dtype == np.float32 else np.empty(shape, d_y.dtype)

    def fill(self, values: Array, first: int, every: int) -> None:
        """Set the rows first, first + every, …"""
        values[first::every] = 0
        add = kernels_for(values.dtype).embedding_backward
        for indices, d_y in self.parts:
            places = indices if self.among is None else self.among.positions[indices]
            add(places, d_y, len(values), values, (first, every))

    def of_values(self, values: Array) -> "Array | RowGradient":
        """The gradient, given its values."""
        return values if self.among is None else RowGradient(self.among.rows, values)


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
        gradient = gradient.added()
    return gradient.values if isinstance(gradient, RowGradient) else gradient
