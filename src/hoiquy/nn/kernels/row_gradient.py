"""Gradients of tables of which a batch uses few rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        table: Array | None = None
        for indices, d_y in self.parts:
            table = kernels_for(d_y.dtype).embedding_backward(indices, d_y, self.rows, table)
        assert table is not None
        return table


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


def with_tables(gradients: Mapping[str, Gradient]) -> dict[str, Gradient]:
    """Gradients of all shards, those of looked-up rows added into tables."""
    return {
        name: gradient.dense() if isinstance(gradient, LookupGradient) else gradient
        for name, gradient in gradients.items()
    }


def gradient_values(gradient: Gradient) -> Array:
    """The values of a gradient without the zero rows, to read or change in place.

    Those of a LookupGradient are a copy.
    """
    if isinstance(gradient, LookupGradient):
        return gradient.dense()
    return gradient.values if isinstance(gradient, RowGradient) else gradient
