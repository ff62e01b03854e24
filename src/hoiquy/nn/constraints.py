"""Projections of parameters after each update."""

from typing import Protocol

from hoiquy.nn.kernels import Array


class Constraint(Protocol):
    """Gives the nearest array that meets a condition, in the same shape and dtype."""

    def project(self, array: Array) -> Array: ...
