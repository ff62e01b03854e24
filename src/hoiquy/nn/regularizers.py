"""Penalties of parameters, which are added to the loss."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hoiquy.nn.kernels import Array


class Regularizer(Protocol):
    """A penalty of one parameter, and its gradient."""

    def penalty(self, array: Array) -> float: ...

    def gradient(self, array: Array) -> Array: ...


@dataclass(frozen=True)
class L1L2:
    """l1 * sum of |w| + l2 * sum of w²."""

    l1: float = 0.0
    l2: float = 0.0

    def penalty(self, array: Array) -> float:
        total = self.l2 * float(np.vdot(array, array)) if self.l2 else 0.0
        if self.l1:
            total += self.l1 * float(np.abs(array).sum(dtype=np.float64))
        return total

    def gradient(self, array: Array) -> Array:
        if not self.l1:
            return np.asarray(array.dtype.type(2 * self.l2) * array)
        kind = array.dtype.type
        return np.asarray(kind(2 * self.l2) * array + kind(self.l1) * np.sign(array))
