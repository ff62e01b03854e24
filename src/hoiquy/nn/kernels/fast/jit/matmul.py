"""Products of blocked matrices, built from the micro-kernel.

Addresses and strides are in bytes; columns and depths are counted in blocks of LANES, rows one by
one.
"""

from typing import Any

from hoiquy.nn.kernels.fast.jit.compiler import compiled
from hoiquy.nn.kernels.fast.jit.microkernel import (
    Tile,
    make_panel_product,
    make_tile_product,
)
from hoiquy.nn.kernels.fast.lanes import (
    BLOCK_BYTES,
    FLOAT_BYTES,
    LANES,
    PANEL_VECTORS,
    panel_width,
)

# Features of a tile of Aᵀ B: with three vectors 12 sums of 16 registers, or 24 of 32.
GRADIENT_ROWS = LANES // 2
_panel_1, _panel_2, _panel_3, _panel_4 = (make_panel_product(v) for v in (1, 2, 3, 4))
_panel_width = compiled(panel_width)
# One row of A B over several of the widest panels: fewer than eight independent sums leave the FMA
# units idle.
_EIGHT = 8
_eight_vectors = make_tile_product(
    Tile(1, _EIGHT, LANES, PANEL_VECTORS, a_row=0, a_step=1, b_step=PANEL_VECTORS * LANES)
)
# Tiles of Aᵀ B, both blocked: the depth runs down their rows, eight at once if that divides them.
_wide_eights, _narrow_eights, _wide_ones, _narrow_ones = (
    make_tile_product(Tile(GRADIENT_ROWS, vectors, rows, 1, a_row=1, a_step=LANES, b_step=LANES))
    for rows in (_EIGHT, 1)
    for vectors in (3, 1)
)


@compiled
def multiply_steps(
    a: Any, a_step: Any, rows: Any, depth: Any, b: Any, columns: Any, start: Any, start_block: Any,
    c: Any, c_step: Any, steps: Any,
) -> None:  # fmt: skip
    """C (rows, columns) = start + A (rows, depth) times packed B (depth, columns), at each step.

    A and C are blocked with `rows` rows; depth >= 1 and columns count blocks. start is one row, as
    a bias, or with start_block = 0 one vector for all columns. A panel of B stays in the cache from
    step to step.
    """
    block = rows * BLOCK_BYTES
    j = 0
    while j < columns:
        width = _panel_width(columns - j)
        for t in range(steps):
            _multiply_panel(
                a + t * a_step, rows, depth, b + j * depth * LANES * BLOCK_BYTES, width,
                start + j * start_block, 0, start_block, c + t * c_step + j * block,
            )  # fmt: skip
        j += width


@compiled
def multiply(
    a: Any, rows: Any, depth: Any, b: Any, columns: Any, start: Any, start_row: Any,
    start_block: Any, c: Any,
) -> None:  # fmt: skip
    """`multiply_steps` for one step; start may have all rows (start_row > 0), and be C itself."""
    j = 0
    while j < columns:
        width = _panel_width(columns - j)
        _multiply_panel(
            a, rows, depth, b + j * depth * LANES * BLOCK_BYTES, width, start + j * start_block,
            start_row, start_block, c + j * rows * BLOCK_BYTES,
        )  # fmt: skip
        j += width


@compiled
def _multiply_panel(
    a: Any, rows: Any, depth: Any, b: Any, width: Any, start: Any, start_row: Any, start_block: Any,
    c: Any,
) -> None:  # fmt: skip
    """One panel of B, of so many blocks of columns."""
    block, group = rows * BLOCK_BYTES, width * LANES * BLOCK_BYTES
    operands = (a, block, 0, b, group, 0, 0, depth, 1, start, start_row, start_block, c, block)
    if PANEL_VECTORS == 4 and width == 4:
        _panel_4(rows, operands)
    elif PANEL_VECTORS == 4 and width == 3:
        _panel_3(rows, operands)
    elif width == 2:
        _panel_2(rows, operands)
    else:
        _panel_1(rows, operands)


@compiled
def multiply_one_row(a: Any, depth: Any, b: Any, columns: Any, c: Any, backwards: Any) -> None:
    """`multiply` for one row, C = C + A times B.

    One row is too little work to hide the latency of loading B. With alternating directions from
    step to step, at least the last part of B is still in the cache.
    """
    panel = PANEL_VECTORS * depth * LANES * BLOCK_BYTES
    eights = columns // _EIGHT
    if PANEL_VECTORS == 4 and columns % _EIGHT == 1 and eights > 0:
        eights -= 1  # the last nine blocks are panels of 4, 3 and 2
    for i in range(eights):
        j = _EIGHT * (eights - 1 - i if backwards else i)
        place = c + j * BLOCK_BYTES
        operands = (
            a, BLOCK_BYTES, 0, b + j * depth * LANES * BLOCK_BYTES,
            PANEL_VECTORS * LANES * BLOCK_BYTES, 0, panel, depth, 1, place, 0, BLOCK_BYTES, place,
            BLOCK_BYTES,
        )  # fmt: skip
        _eight_vectors(1, operands)
    done = _EIGHT * eights
    place = c + done * BLOCK_BYTES
    rest = b + done * depth * LANES * BLOCK_BYTES
    multiply(a, 1, depth, rest, columns - done, place, 0, BLOCK_BYTES, place)


@compiled
def add_gradient(
    a: Any, a_step: Any, features: Any, b: Any, b_step: Any, columns: Any, rows: Any, steps: Any,
    c: Any,
) -> None:  # fmt: skip
    """C (features, columns) += the sum over steps of Aᵀ B for blocked A and B of `rows` rows.

    rows and steps are at least 1; features and columns count blocks. C is blocked: [column
    block][feature][LANES].
    """
    block, eights = rows * BLOCK_BYTES, rows % _EIGHT == 0
    at_once = _EIGHT if eights else 1
    group, parts = at_once * BLOCK_BYTES, LANES // GRADIENT_ROWS
    c_block = features * LANES * BLOCK_BYTES
    j = 0
    while j < columns:
        wide = j + 3 <= columns
        for tile in range(parts * features):
            a_place = a + (tile // parts) * block + (tile % parts) * GRADIENT_ROWS * FLOAT_BYTES
            c_place = c + j * c_block + tile * GRADIENT_ROWS * BLOCK_BYTES
            operands = (
                a_place, group, a_step, b + j * block, group, b_step, block, rows // at_once, steps,
                c_place, BLOCK_BYTES, c_block, c_place, c_block,
            )  # fmt: skip
            if wide and eights:
                _wide_eights(GRADIENT_ROWS, operands)
            elif wide:
                _wide_ones(GRADIENT_ROWS, operands)
            elif eights:
                _narrow_eights(GRADIENT_ROWS, operands)
            else:
                _narrow_ones(GRADIENT_ROWS, operands)
        j += 3 if wide else 1
