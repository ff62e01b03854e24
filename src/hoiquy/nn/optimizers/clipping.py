"""Gradient clipping, as in Keras 3."""

import math
from collections.abc import Mapping
from itertools import starmap

import numpy as np

from hoiquy.nn.kernels import Array, Gradient, RowGradient, gradient_values
from hoiquy.nn.shards import ShardPool

_CHUNK = 1 << 15  # numbers that are squared at a time, in float64: they stay in the cache


def clip_by_global_norm(
    gradients: Mapping[str, Gradient], most: float, pool: ShardPool | None = None
) -> None:
    """Scale all gradients, in place, so that their global norm is at most `most`.

    The norm is that of all gradients as one vector (Pascanu et al. 2013; Keras' global_clipnorm).

    Args:
        gradients: By name.
        most: The largest norm.
        pool: Threads; the bits are the same without.
    """
    run = starmap if pool is None else pool.starmap
    # In the order of the names, in float64: the same bits every time.
    numbers = [gradient_values(gradients[name]) for name in sorted(gradients)]
    chunks = [(chunk,) for of_gradient in numbers for chunk in _chunks(of_gradient)]
    norm = math.sqrt(sum(run(_squares, chunks)))
    if norm > most:
        for _ in run(_scale, [(chunk, most / norm) for (chunk,) in chunks]):
            pass


def clipped_by_global_norm(gradients: Mapping[str, Gradient], most: float) -> dict[str, Gradient]:
    """As `clip_by_global_norm`, but new gradients, the same with and without their zero rows."""
    norm = math.sqrt(sum(squared_sum(gradients[name]) for name in sorted(gradients)))
    return {name: scaled(one, most, norm) for name, one in gradients.items()}


def clipped_by_norm(gradients: Mapping[str, Gradient], most: float) -> dict[str, Gradient]:
    """New gradients, each scaled so that its norm is at most `most`."""
    return {name: scaled(one, most, math.sqrt(squared_sum(one))) for name, one in gradients.items()}


def clipped_by_value(gradients: Mapping[str, Gradient], most: float) -> dict[str, Gradient]:
    """New gradients with every entry within ± most."""
    return {
        name: _with_values(one, np.clip(gradient_values(one), -most, most))
        for name, one in gradients.items()
    }


def scaled(gradient: Gradient, most: float, norm: float) -> Gradient:
    """The gradient times most / norm if the norm is larger than `most`; NaN and inf spread."""
    if norm <= most:
        return gradient
    values = gradient_values(gradient)
    return _with_values(gradient, values * values.dtype.type(most / norm))


def squared_sum(gradient: Gradient) -> float:
    """Σ g² in float64, with the same bits if rows of zeros follow."""
    values = gradient_values(gradient)
    squares = np.square(values, dtype=np.float64)
    rows = squares.reshape(len(values), -1).sum(axis=1) if values.ndim > 1 else squares
    return float(np.cumsum(rows)[-1]) if rows.size else 0.0  # one after the other


def _chunks(numbers: Array) -> list[Array]:
    """Views of some rows each."""
    numbers = np.atleast_1d(numbers)
    rows = max(1, _CHUNK * len(numbers) // max(numbers.size, 1))
    return [numbers[i : i + rows] for i in range(0, len(numbers), rows)]


def _squares(numbers: Array) -> float:
    return float(np.square(numbers, dtype=np.float64).sum())


def _scale(numbers: Array, factor: float) -> None:
    numbers *= numbers.dtype.type(factor)


def _with_values(gradient: Gradient, values: Array) -> Gradient:
    return RowGradient(gradient.rows, values) if isinstance(gradient, RowGradient) else values
