"""The gradient of a tall table of which a batch has read only some rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


@dataclass
class RowGradient:
    """rows: (read,) int64, rising, none twice. values: (read, units), the gradients of these rows.

    The gradient of every other row is zero.
    """

    rows: NDArray[np.int64]
    values: Array

    def add(self, other: "RowGradient") -> None:
        """Add another one; where both have a row, in this order: sums have the same bits always."""
        rows = np.union1d(self.rows, other.rows)
        values = np.zeros((len(rows), self.values.shape[1]), self.values.dtype)
        for part in (self, other):
            values[np.searchsorted(rows, part.rows)] += part.values
        self.rows, self.values = rows, values

    def dense(self, height: int) -> Array:
        """(height, units), with all the zeros."""
        whole = np.zeros((height, self.values.shape[1]), self.values.dtype)
        whole[self.rows] = self.values
        return whole


Gradient = Array | RowGradient


def add_gradients(totals: dict[str, Gradient], more: Mapping[str, Gradient]) -> None:
    """Add gradients by name to those of other documents, in place."""
    for name, gradient in more.items():
        if name in totals:
            add_gradient(totals[name], gradient)
        else:
            totals[name] = gradient


def add_gradient(total: Gradient, more: Gradient) -> None:
    """Add a gradient to another one of the same parameter, in place."""
    if isinstance(total, RowGradient) and isinstance(more, RowGradient):
        total.add(more)
    else:
        numbers = gradient_values(total)
        numbers += gradient_values(more)


def gradient_values(gradient: Gradient) -> Array:
    """The numbers of a gradient that need not be zero, to read or change in place."""
    return gradient.values if isinstance(gradient, RowGradient) else gradient
