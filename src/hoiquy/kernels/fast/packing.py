"""Weights on their way into and out of the padded, packed layout of the fast kernels."""

from typing import NamedTuple

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.kernels.fast.matmul import pack, padded
from hoiquy.kernels.types import Array, Mask, RecurrentWeights

CHUNK_ROWS = 128  # rows (time steps x batch) of one product over many steps: fits second cache


def pad_gates(matrix: Array, gates: int) -> Array:
    """(..., gates * units) → (..., gates * padded units), zeros behind each gate."""
    units = matrix.shape[-1] // gates
    if units == padded(units):
        return matrix
    result = np.zeros((*matrix.shape[:-1], gates, padded(units)), matrix.dtype)
    result[..., :units] = matrix.reshape(*matrix.shape[:-1], gates, units)
    return result.reshape(*matrix.shape[:-1], -1)


def unpad_gates(matrix: Array, gates: int, units: int) -> Array:
    """The inverse of `pad_gates`."""
    if matrix.shape[-1] == gates * units:
        return matrix
    parts = matrix.reshape(*matrix.shape[:-1], gates, -1)[..., :units]
    return np.ascontiguousarray(parts).reshape(*matrix.shape[:-1], gates * units)


def pad_columns(matrix: Array, columns: int) -> Array:
    """Zeros behind the last column, up to `columns`."""
    if matrix.shape[1] == columns:
        return matrix
    result = np.zeros((matrix.shape[0], columns), matrix.dtype)
    result[:, : matrix.shape[1]] = matrix
    return result


class ForwardPanels(NamedTuple):
    kernel: Array  # packed (inputs, gates * padded units)
    recurrent_kernel: Array  # packed (units, gates * padded units)


class BackwardPanels(NamedTuple):
    kernel: Array  # packed (gates * padded units, padded inputs)
    recurrent_kernel: Array  # packed (gates * padded units, padded units)


def pack_forward(kernel: Array, recurrent_kernel: Array, gates: int) -> ForwardPanels:
    return ForwardPanels(pack(pad_gates(kernel, gates)), pack(pad_gates(recurrent_kernel, gates)))


def pack_backward(kernel: Array, recurrent_kernel: Array, gates: int) -> BackwardPanels:
    def transposed(matrix: Array) -> Array:
        return pack(pad_columns(pad_gates(matrix, gates).T, padded(matrix.shape[0])))

    return BackwardPanels(transposed(kernel), transposed(recurrent_kernel))


def check_inputs(x: Array, weights: RecurrentWeights, gates: int, mask: Mask | None) -> None:
    """Raise ShapeError unless x, weights and mask fit; compiled code relies on it."""
    units = weights.units
    bias = (2, gates * units) if gates == 3 else (gates * units,)
    expected = [(x.shape[-1], gates * units), (units, gates * units), bias]
    shapes = [array.shape for array in weights]
    if x.ndim != 3 or shapes != expected:
        raise ShapeError(f"x {x.shape} and weights {shapes} disagree: expected {expected}")
    if mask is not None and (mask.shape != x.shape[:2] or mask.dtype != np.bool_):
        raise ShapeError(f"mask {mask.shape} {mask.dtype} does not fit x {x.shape}")
    if any(array.dtype != np.float32 for array in (x, *weights)):
        raise ShapeError("the fast kernels take float32")


def check_gradient(
    d_hidden: Array, weights: RecurrentWeights, gates: int, x: Array, hidden: Array
) -> None:
    """Raise ShapeError unless d_hidden, the weights and what the forward pass saved fit.

    d_hidden: (time, batch, units) or (batch, units), float32.
    """
    check_inputs(x, weights, gates, None)
    time, batch, units = *x.shape[:2], weights.units
    if hidden.shape != (time + 1, batch, padded(units)):
        raise ShapeError(f"weights of {units} units do not fit the saved states {hidden.shape}")
    shapes = ((time, batch, units), (batch, units))
    if d_hidden.shape not in shapes or d_hidden.dtype != np.float32:
        raise ShapeError(f"d_hidden {d_hidden.shape} {d_hidden.dtype}: expected {shapes}, float32")


def padded_gradient(d_hidden: Array, units: int) -> tuple[Array, Array]:
    """d_hidden as (sequence, last), float32 and padded; the part that is not used is empty."""
    wide = padded(units)
    if wide != units:
        padding = [(0, 0)] * (d_hidden.ndim - 1) + [(0, wide - units)]
        d_hidden = np.pad(d_hidden, padding)
    d_hidden = np.ascontiguousarray(d_hidden)
    if d_hidden.ndim == 3:
        return d_hidden, np.zeros(d_hidden.shape[1:], np.float32)
    return np.empty((0, *d_hidden.shape), np.float32), d_hidden.copy()


def mask_bytes(mask: Mask | None) -> np.ndarray:
    """The mask as the compiled code takes it; empty when every step counts."""
    return np.empty((0, 0), np.bool_) if mask is None else np.ascontiguousarray(mask)
