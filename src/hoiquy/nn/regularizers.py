"""Penalties on parameters, as in Keras 3."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array

_EPSILON = 1e-7  # keras.config.epsilon()


class Regularizer(Protocol):
    """A penalty that is added to the loss of each batch."""

    def penalty(self, array: Array) -> float:
        """The penalty of a parameter."""

    def gradient(self, array: Array) -> Array:
        """Its gradient: a new array."""


@dataclass(frozen=True)
class L1L2:
    """l1 Σ|a| + l2 Σa²."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("l1", self.l1), ("l2", self.l2)):
            if not 0 <= value < float("inf"):
                raise InputError(f"{name}={value}: expected a finite number from 0 on")

    def penalty(self, array: Array) -> float:
        total = self.l2 * float(np.vdot(array, array)) if self.l2 else 0.0
        return total + self.l1 * float(np.abs(array).sum(dtype=np.float64)) if self.l1 else total

    def gradient(self, array: Array) -> Array:
        kind = array.dtype.type
        if not self.l1:
            return np.asarray(kind(2 * self.l2) * array)
        slope = kind(self.l1) * np.sign(array)
        return np.asarray(slope + kind(2 * self.l2) * array if self.l2 else slope)


@dataclass(frozen=True)
class OrthogonalRegularizer:
    """factor times the mean |cosine| between the rows, or the columns, of a matrix.

    Raises ShapeError for what is no matrix.
    """

    factor: float = 0.01
    mode: Literal["rows", "columns"] = "rows"

    def __post_init__(self) -> None:
        if not 0 <= self.factor < float("inf"):
            raise InputError(f"factor={self.factor}: expected a finite number from 0 on")
        if self.mode not in ("rows", "columns"):
            raise InputError(f"mode {self.mode!r}: expected rows or columns")

    def penalty(self, array: Array) -> float:
        cosines = self._cosines(self._directions(array)[0])
        return self._scale(len(cosines)) * float(np.abs(cosines).sum(dtype=np.float64))

    def gradient(self, array: Array) -> Array:
        directions, norms = self._directions(array)
        cosines = self._cosines(directions)
        scale = array.dtype.type(2 * self._scale(len(cosines)))  # each pair is there twice
        d_directions = scale * (np.sign(cosines) @ directions)
        along = (d_directions * directions).sum(axis=1, keepdims=True)
        bounded = np.maximum(norms, array.dtype.type(_EPSILON))
        free = norms > _EPSILON  # below it the divisor is constant
        d_array = (d_directions - np.where(free, along * directions, 0)) / bounded
        return np.ascontiguousarray(d_array if self.mode == "rows" else d_array.T)

    def _directions(self, array: Array) -> tuple[Array, Array]:
        """Rows of length 1, and their norms before."""
        if array.ndim != 2:
            raise ShapeError(f"an orthogonal regularizer takes a matrix, got shape {array.shape}")
        rows = array if self.mode == "rows" else array.T
        norms = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
        return rows / np.maximum(norms, array.dtype.type(_EPSILON)), norms

    def _scale(self, rows: int) -> float:
        pairs = rows * (rows - 1) / 2
        return 0.5 * self.factor / pairs if pairs else 0.0

    @staticmethod
    def _cosines(directions: Array) -> Array:
        """Between each two rows; 0 on the diagonal."""
        cosines = directions @ directions.T
        np.fill_diagonal(cosines, 0)
        return np.asarray(cosines)
