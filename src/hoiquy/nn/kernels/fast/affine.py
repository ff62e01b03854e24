"""x W + b, fast; `hoiquy.nn.kernels.plain.affine` is its definition.

BLAS computes one row differently from many; here the bits of a row depend on that row alone.
"""

import numpy as np

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import block, in_rows, no_factors, unblock
from hoiquy.nn.kernels.fast.lanes import BLOCK_BYTES, LANES
from hoiquy.nn.kernels.fast.packing import pack_matrix, pad_gates, padded
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array

# Rows of x at once: few enough for the processor's cache, many enough to hide the calls' own time.
_BYTES_AT_ONCE = 2**18


def affine(x: Array, kernel: Array, bias: Array) -> Array:
    """As `plain.affine.affine`, for float32. Raises ShapeError."""
    shapes = (x.shape, kernel.shape, bias.shape)
    fits = x.ndim == kernel.ndim == 2 and kernel.size > 0
    if not fits or (x.shape[1], kernel.shape[1:]) != (kernel.shape[0], bias.shape):
        raise ShapeError(f"x, kernel and bias {shapes} disagree")
    if any(array.dtype != np.float32 for array in (x, kernel, bias)):
        raise ShapeError("the fast kernels take float32")
    out = work_array(len(x), len(bias))
    fill_affine(x, pack_matrix(kernel, 1), pad_gates(bias, 1), out)
    return out


def fill_affine(x: Array, packed: Array, bias: Array, out: Array) -> None:
    """out = x W + b, unchecked, for a packed W and a bias padded like its columns."""
    at_once = max(_BYTES_AT_ONCE // (4 * x.shape[1]), LANES)
    for begin in range(0, len(x), at_once):
        chunk = in_rows(x[begin : begin + at_once])[None]
        rows = chunk.shape[1]
        blocked = work_array(1, padded(x.shape[1]) // LANES, rows, LANES)
        sums = work_array(1, bias.size // LANES, rows, LANES)
        block(chunk, no_factors(*chunk.shape[1:]), blocked)
        compiled.multiply(
            blocked.ctypes.data, rows, blocked.shape[1], packed.ctypes.data, sums.shape[1],
            bias.ctypes.data, 0, BLOCK_BYTES, sums.ctypes.data,
        )  # fmt: skip
        unblock(sums, no_factors(rows, out.shape[1]), out[None, begin : begin + rows])
