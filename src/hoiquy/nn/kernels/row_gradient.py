"""Sparse gradients of tall tables of which a batch uses few rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


Gradient = Array | RowGradient


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
    else:
        values = gradient_values(total)
        values += gradient_values(more)


def gradient_values(gradient: Gradient) -> Array:
    """The values of a gradient without the zero rows, to read or change in place."""
    return gradient.values if isinstance(gradient, RowGradient) else gradient
