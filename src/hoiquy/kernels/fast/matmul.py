"""Matrix products over packed panels, built from the micro-kernel.

B is packed into panels of 16 columns (the last one 8 where the columns are an odd multiple of 8),
each panel with its rows one after the other, so that the micro-kernel reads it straight through.
Addresses and strides are in bytes, counts in numbers.
"""

from typing import Any

import numpy as np

from hoiquy.kernels.fast.compiler import compiled
from hoiquy.kernels.fast.microkernel import LANES, make_panel_product
from hoiquy.kernels.types import Array

DEPTH_BLOCK = 400  # 400 rows of a 16-column panel: 25 KiB, most of a first-level cache

wide_panel = make_panel_product(vectors=2)
narrow_panel = make_panel_product(vectors=1)


def padded(size: int) -> int:
    """`size` rounded up to whole vectors."""
    return -(-size // LANES) * LANES


def pack(matrix: Array) -> Array:
    """Pack (depth, columns) float32, columns a multiple of 8, into panels; the result is flat."""
    depth, columns = matrix.shape
    wide = columns // 16 * 16
    panels = matrix[:, :wide].reshape(depth, -1, 16).transpose(1, 0, 2)
    return np.concatenate([panels.ravel(), matrix[:, wide:].ravel()])


@compiled
def multiply(
    a: Any, a_row: Any, rows: Any, depth: Any, b: Any, columns: Any, start: Any, start_row: Any,
    c: Any, c_row: Any,
) -> None:  # fmt: skip
    """c (rows, columns) = start + a (rows, depth) times packed b (depth, columns).

    start_row = 0 adds one row, as a bias, to all rows; start may be c itself. a's rows are dense.
    """
    j = 0
    while j < columns:
        wide = j + 16 <= columns
        width = 16 if wide else 8
        start_now, start_row_now = start + 4 * j, start_row
        k = 0
        while True:
            block = min(DEPTH_BLOCK, depth - k)
            panel = b + 4 * (j * depth + k * width)
            if wide:
                wide_panel(
                    a + 4 * k, a_row, 4, panel, start_now, start_row_now, c + 4 * j, c_row, block,
                    rows,
                )  # fmt: skip
            else:
                narrow_panel(
                    a + 4 * k, a_row, 4, panel, start_now, start_row_now, c + 4 * j, c_row, block,
                    rows,
                )  # fmt: skip
            k += DEPTH_BLOCK
            if k >= depth:
                break
            start_now, start_row_now = c + 4 * j, c_row
        j += width


@compiled
def add_transposed_product(a: Any, b: Any, c: Any, scratch: Any) -> None:
    """c (rows, columns) += aᵀ b for a (depth, at least rows), b (depth, columns): a gradient.

    Both are copied so that the micro-kernel walks straight through memory: aᵀ once, b panel by
    panel. scratch: at least `transposed_scratch(depth, rows)` floats.
    """
    depth = b.shape[0]
    rows, columns = c.shape
    c_row = columns * 4
    flipped = scratch[16 * depth :]
    for k in range(depth):
        for r in range(rows):
            flipped[r * depth + k] = a[k, r]
    a_address = flipped.ctypes.data
    panel = scratch.ctypes.data
    j = 0
    while j < columns:
        wide = j + 16 <= columns
        place = c.ctypes.data + 4 * j
        if wide:
            for k in range(depth):
                for lane in range(16):  # a constant, so that it becomes two vector moves
                    scratch[k * 16 + lane] = b[k, j + lane]
            wide_panel(a_address, depth * 4, 4, panel, place, c_row, place, c_row, depth, rows)
        else:
            for k in range(depth):
                for lane in range(8):
                    scratch[k * 8 + lane] = b[k, j + lane]
            narrow_panel(a_address, depth * 4, 4, panel, place, c_row, place, c_row, depth, rows)
        j += 16 if wide else 8


@compiled
def transposed_scratch(depth: Any, rows: Any) -> Any:
    """How many floats of scratch `add_transposed_product` needs."""
    return (16 + rows) * depth
