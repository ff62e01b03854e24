"""Checks of arrays before compiled code works on their addresses.

Every function raises ShapeError.
"""

from typing import Any

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.operands import GATES, GRU, LSTM, Cell
from hoiquy.nn.kernels.types import (
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)


def check_weights(cell: Cell, weights: RecurrentWeights, inputs: int) -> None:
    gates, units = GATES[cell.kind], weights.units
    bias = (2, gates * units) if cell.kind == GRU else (gates * units,)
    expected = [(inputs, gates * units), (units, gates * units), bias]
    shapes = [array.shape for array in weights]
    if shapes != expected or not (inputs and units):
        raise ShapeError(f"weights {shapes} do not fit {inputs} inputs: expected {expected}")
    if any(array.dtype != np.float32 for array in weights):
        raise ShapeError("the fast kernels take float32")


def check_mask(mask: Mask | None, shape: tuple[int, ...]) -> None:
    if mask is not None and (mask.shape != shape or mask.dtype != np.bool_):
        raise ShapeError(f"mask {mask.shape} {mask.dtype} does not fit {shape} steps and rows")


def check_x(x: Array, inputs: int) -> None:
    if x.ndim != 3 or x.shape[2] != inputs or x.dtype != np.float32:
        raise ShapeError(f"x {x.shape} {x.dtype}: expected (time, batch, {inputs}) of float32")


def check_inputs(cell: Cell, x: Array, weights: RecurrentWeights, mask: Mask | None) -> None:
    check_weights(cell, weights, len(weights.kernel))
    check_x(x, len(weights.kernel))
    check_mask(mask, x.shape[:2])


def check_factors(
    cell: Cell, x: Array, units: int, inputs: Array | None, state: Array | None
) -> None:
    """inputs: for all gates, or for each; state: for each."""
    gates, batch = GATES[cell.kind], x.shape[1]
    for factors, one in ((inputs, x.shape[1:]), (state, (batch, units))):
        shapes = [(gates, *one)] if factors is state else [one, (gates, *one)]
        if factors is not None and (factors.shape not in shapes or factors.dtype != np.float32):
            raise ShapeError(f"factors {factors.shape} {factors.dtype} do not fit x {x.shape}")


def check_lookup(x: Lookup, columns: int) -> None:
    indices, table = x
    fits = table.ndim == 2 and table.shape[1] == columns and table.flags.c_contiguous
    if not fits or table.dtype != np.float32 or not len(table):
        raise ShapeError(f"table {table.shape} {table.dtype}: expected rows of {columns} columns")
    if indices.ndim != 2 or indices.dtype.kind != "i":
        raise ShapeError(f"indices {indices.shape} {indices.dtype}: expected (time, batch)")
    if indices.size and not 0 <= indices.min() <= indices.max() < len(table):
        raise ShapeError(f"indices {indices.min()}..{indices.max()} leave {len(table)} rows")


def check_gradient(
    cell: Cell, d_hidden: Array, weights: RecurrentWeights, shape: tuple[int, int, int],
    units: int, sequences: bool,
) -> None:  # fmt: skip
    """shape: (time, batch, inputs) of the forward pass, which had `units` units."""
    time, batch, inputs = shape
    check_weights(cell, weights, inputs)
    if weights.units != units:
        raise ShapeError(f"weights of {weights.units} units do not fit the {units} that were saved")
    expected = (time, batch, units) if sequences else (batch, units)
    if d_hidden.shape != expected or d_hidden.dtype != np.float32:
        raise ShapeError(f"d_hidden {d_hidden.shape} {d_hidden.dtype}: expected {expected} float32")


def check_initial(cell: Cell, initial: State, batch: int, units: int) -> None:
    states: list[Any] = list(initial) if cell.kind == LSTM else [initial.hidden]
    extra = initial.carry is not None and cell.kind != LSTM
    if extra or any(
        a is None or a.shape != (batch, units) or a.dtype != np.float32 for a in states
    ):
        shapes = [None if a is None else (a.shape, a.dtype) for a in initial]
        raise ShapeError(f"initial states {shapes} do not fit {batch} rows of {units} units")
