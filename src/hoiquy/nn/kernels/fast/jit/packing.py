"""Pack weights into panels, transposed or not, and unpack gradients; called by `fast/packing.py`.

Matrices have a row for each input and, gate by gate, a column for each unit. The gates of a packed
matrix are those of the matrix from number `first` on, cyclically.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ZERO
from hoiquy.nn.kernels.fast.jit.compiler import address, compiled
from hoiquy.nn.kernels.fast.jit.microkernel import copy_vector
from hoiquy.nn.kernels.fast.lanes import FLOAT_BYTES, LANES, panel_width

_panel_width = compiled(panel_width)


@compiled
def pack(matrix: Any, units: Any, first: Any, packed: Any) -> None:
    """The columns of each gate, and the rows, padded with zeros to whole vectors."""
    rows, gates = matrix.shape[0], matrix.shape[1] // units
    of_gate, depth = _blocks(units), _blocks(rows) * LANES
    columns, place = gates * of_gate, 0
    j = 0
    while j < columns:
        width = _panel_width(columns - j)
        for r in range(depth):
            for block in range(j, j + width):
                _copy_block(matrix, r, units, (block // of_gate + first) % gates,
                            block % of_gate * LANES, packed[place : place + LANES])  # fmt: skip
                place += LANES
        j += width


@compiled
def _copy_block(matrix: Any, r: Any, units: Any, gate: Any, unit: Any, target: Any) -> None:
    column = gate * units + unit
    if r < matrix.shape[0] and unit + LANES <= units:
        copy_vector(address(matrix[r]) + column * FLOAT_BYTES, address(target))
        return
    for lane in range(LANES):
        inside = r < matrix.shape[0] and unit + lane < units
        target[lane] = matrix[r, column + lane] if inside else ZERO


@compiled
def pack_transpose(matrix: Any, units: Any, first: Any, packed: Any) -> None:
    """As `pack`, of the transpose of the padded matrix.

    A vector of a row is read at once: rows whose length is a power of two displace each other in
    the cache.
    """
    rows, gates = matrix.shape[0], matrix.shape[1] // units
    of_gate, columns = _blocks(units), _blocks(rows)
    j, place = 0, 0
    while j < columns:
        wide = _panel_width(columns - j) * LANES
        begin = j * LANES
        for block in range(gates * of_gate):
            gate, unit = (block // of_gate + first) % gates, block % of_gate * LANES
            for i in range(wide):
                for lane in range(LANES):
                    inside = unit + lane < units and begin + i < rows
                    packed[place + lane * wide + i] = (
                        matrix[begin + i, gate * units + unit + lane] if inside else ZERO
                    )
            place += wide * LANES
        j += wide // LANES


@compiled
def unpack(blocks: Any, units: Any, first: Any, matrix: Any) -> None:
    """The inverse of `pack` for blocks (column blocks, padded rows, LANES)."""
    rows, gates, of_gate = matrix.shape[0], matrix.shape[1] // units, _blocks(units)
    for begin in range(0, rows, LANES):  # a few rows at once, as those of a block are adjacent
        end = min(begin + LANES, rows)
        for block in range(gates * of_gate):
            unit = block % of_gate * LANES
            column = (block // of_gate + first) % gates * units + unit
            for r in range(begin, end):
                source = blocks[block, r]
                if unit + LANES <= units:
                    copy_vector(address(source), address(matrix[r]) + column * FLOAT_BYTES)
                else:
                    for lane in range(units - unit):
                        matrix[r, column + lane] = source[lane]


@compiled
def _blocks(size: Any) -> Any:
    return (size + LANES - 1) // LANES
