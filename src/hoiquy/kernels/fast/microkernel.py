"""The matrix micro-kernel, emitted as LLVM IR through a Numba intrinsic.

A tile of C, `rows` by `8 * vectors` floats, stays in registers while the depth runs by: every
step loads `vectors` vectors of B, broadcasts `rows` numbers of A, and does `rows * vectors` fused
multiply-adds. Six rows by two vectors keep 12 accumulators, 2 vectors of B and 1 broadcast in the
16 AVX2 registers. The strides of A are free, so that the same kernel computes A B (depth along
A's rows) and Aᵀ B (depth down A's columns).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 8  # float32 numbers in a vector
FLOAT_BYTES = 4

_INT = ir.IntType(64)
_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_LANE_INDICES = ir.VectorType(ir.IntType(32), LANES)


class _Operands(NamedTuple):
    """Addresses and strides in bytes; counts in numbers (all 64-bit integers in the IR)."""

    a: Any
    a_row: Any
    a_depth: Any
    b: Any
    start: Any
    start_row: Any
    c: Any
    c_row: Any
    depth: Any
    rows: Any


def make_panel_product(vectors: int) -> Callable[..., None]:
    """Return panel(a, a_row, a_depth, b, start, start_row, c, c_row, depth, rows) for Numba code.

    c[r, :] = start[r, :] + sum over k < depth of a[r, k] * b[k, :], for r < rows, where `a`, `b`,
    `start` and `c` are addresses and a_row, a_depth, start_row and c_row strides, in bytes; b is
    packed: 8 * vectors floats for each k, one k after the other.
    """

    @intrinsic
    def panel(
        typing_context: Any, a: Any, a_row: Any, a_depth: Any, b: Any, start: Any, start_row: Any,
        c: Any, c_row: Any, depth: Any, rows: Any,
    ) -> Any:  # fmt: skip
        signature = types.void(*[types.intp] * len(_Operands._fields))

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _emit_panel(builder, vectors, _Operands(*arguments))
            return context.get_dummy_value()

        return signature, generate

    return panel


def _emit_panel(builder: Any, vectors: int, of: _Operands) -> None:
    """Cut the rows into tiles of 6, then 4, 2 and 1."""
    rest = builder.srem(of.rows, _INT(6))
    sixes = builder.sdiv(of.rows, _INT(6))
    # Two rows left over keep too few sums under way: 6 + 2 rows are slower than 4 + 4.
    two_left = builder.and_(
        builder.icmp_signed("==", rest, _INT(2)), builder.icmp_signed(">", sixes, _INT(0))
    )
    sixes = builder.sub(sixes, builder.zext(two_left, _INT))
    done = _INT(0)
    for height in (6, 4, 2, 1):
        left = builder.sub(of.rows, done)
        tiles = sixes if height == 6 else builder.sdiv(left, _INT(height))
        with cgutils.for_range(builder, tiles) as loop:
            row = builder.add(done, builder.mul(loop.index, _INT(height)))
            _emit_tile(builder, height, vectors, _from_row(builder, of, row))
        done = builder.add(done, builder.mul(tiles, _INT(height)))


def _from_row(builder: Any, of: _Operands, row: Any) -> _Operands:
    def move(address: Any, stride: Any) -> Any:
        return builder.add(address, builder.mul(stride, row))

    return of._replace(
        a=move(of.a, of.a_row), start=move(of.start, of.start_row), c=move(of.c, of.c_row)
    )


def _emit_tile(builder: Any, rows: int, vectors: int, of: _Operands) -> None:
    places = [(r, v) for r in range(rows) for v in range(vectors)]
    begin = [_load_vector(builder, _place(builder, of.start, of.start_row, *p)) for p in places]
    before = builder.block
    loop = builder.append_basic_block("depth")
    after = builder.append_basic_block("after")
    builder.cbranch(builder.icmp_signed(">", of.depth, _INT(0)), loop, after)

    builder.position_at_end(loop)
    k, a, b = (builder.phi(_INT) for _ in range(3))
    sums = [builder.phi(_VECTOR) for _ in places]
    new_sums = _multiply_add(builder, rows, vectors, of._replace(a=a, b=b), sums)
    next_k = builder.add(k, _INT(1))
    next_a = builder.add(a, of.a_depth)
    next_b = builder.add(b, _INT(LANES * vectors * FLOAT_BYTES))
    for phi, first, following in [
        (k, _INT(0), next_k), (a, of.a, next_a), (b, of.b, next_b),
        *zip(sums, begin, new_sums, strict=True),
    ]:  # fmt: skip
        phi.add_incoming(first, before)
        phi.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", next_k, of.depth), loop, after)

    builder.position_at_end(after)
    results = [builder.phi(_VECTOR) for _ in places]
    for result, first, summed in zip(results, begin, new_sums, strict=True):
        result.add_incoming(first, before)
        result.add_incoming(summed, loop)
    for place, result in zip(places, results, strict=True):
        address = _place(builder, of.c, of.c_row, *place)
        builder.store(result, builder.inttoptr(address, _VECTOR.as_pointer())).align = FLOAT_BYTES


def _multiply_add(
    builder: Any, rows: int, vectors: int, of: _Operands, sums: list[Any]
) -> list[Any]:
    fma_type = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    fma = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        builder.module, fma_type, f"llvm.fma.v{LANES}f32"
    )
    b = [_load_vector(builder, _place(builder, of.b, _INT(0), 0, v)) for v in range(vectors)]
    result = []
    for r in range(rows):
        a = _broadcast_number(builder, _place(builder, of.a, of.a_row, r, 0))
        result += [builder.call(fma, [a, b[v], sums[r * vectors + v]]) for v in range(vectors)]
    return result


def _place(builder: Any, address: Any, row_stride: Any, row: int, vector: int) -> Any:
    in_row = builder.add(address, builder.mul(row_stride, _INT(row)))
    return builder.add(in_row, _INT(vector * LANES * FLOAT_BYTES))


def _load_vector(builder: Any, address: Any) -> Any:
    loaded = builder.load(builder.inttoptr(address, _VECTOR.as_pointer()))
    loaded.align = FLOAT_BYTES  # rows start at any float, not at a vector's boundary
    return loaded


def _broadcast_number(builder: Any, address: Any) -> Any:
    number = builder.load(builder.inttoptr(address, _FLOAT.as_pointer()))
    number.align = FLOAT_BYTES
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_LANE_INDICES, [0] * LANES))
