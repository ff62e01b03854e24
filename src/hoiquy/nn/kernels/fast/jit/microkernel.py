"""The matrix micro-kernel, emitted as LLVM IR through a Numba intrinsic.

Every matrix in a product of the fast kernels is *blocked*: its columns are split into blocks of
LANES, a vector register of float32, and stored as [block][row][LANES]. LANES is 8 with AVX2, of
which the numbers below speak, and 16 with AVX-512, which has 32 registers. Then

- a tile of C, `rows` by `8 * vectors` floats, stays in registers during the loop over the depth:
  each step loads `vectors` vectors of B, broadcasts `rows` numbers of A, and does `rows * vectors`
  fused multiply-adds. Six rows by two vectors keep 12 sums, 2 vectors of B and 1 broadcast in the
  16 registers; four by three fit as well;
- the numbers of A for 8 steps are adjacent, whether the depth runs along A's columns (A B: rows 8
  floats apart, steps 1) or down its rows (Aᵀ B: rows 1 apart, steps 8), so both products are one
  kernel with other constants, and nothing is transposed or copied;
- each number of C is summed over the depth in order, whatever the shape of the tile: the bits of a
  row do not depend on the rows that are computed with it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hoiquy.nn.kernels.fast.lanes import BLOCK_BYTES, FLOAT_BYTES, LANES

_INT = ir.IntType(64)
_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_LANE_INDICES = ir.VectorType(ir.IntType(32), LANES)


class Tile(NamedTuple):
    """The shape of a tile and the constant strides of A and B, in floats."""

    rows: int
    vectors: int
    steps: int  # of the depth in a group, unrolled
    adjacent: int  # how many vectors of B are adjacent; the next ones are b_vector away
    a_row: int
    a_step: int
    b_step: int


class _Operands(NamedTuple):
    """Addresses, and strides in bytes (all 64-bit integers in the IR)."""

    a: Any
    a_group: Any  # from 8 steps of the depth to the next 8
    a_outer: Any  # from one run over the groups to the next
    b: Any
    b_group: Any
    b_outer: Any
    b_vector: Any  # from one run of adjacent vectors to the next
    groups: Any  # at least 1
    outers: Any  # at least 1
    start: Any
    start_row: Any
    start_vector: Any
    c: Any  # rows of C are 8 floats apart
    c_vector: Any


def make_tile_product(tile: Tile) -> Callable[..., None]:
    """Return the function of (rows, `_Operands`) that computes one tile, for Numba code.

    C[v, r, :] = start[v, r, :] + the sum over outers o, groups g and steps k < 8 of
    A[o, g, r, k] * B[o, g, k, v, :], with every stride as `tile` and the operands give it.
    """

    def emit(builder: Any, rows: Any, of: _Operands) -> None:
        _emit_tile(builder, tile, of)

    return _intrinsic(emit)


def make_panel_product(vectors: int) -> Callable[..., None]:
    """Return the function of (rows, `_Operands`) that computes any number of rows of A B.

    B is packed: 8 * vectors numbers for each step of the depth, step by step. The rows are split
    into tiles of 6, then 4, 2 and 1.
    """

    def emit(builder: Any, rows: Any, of: _Operands) -> None:
        sixes = builder.sdiv(rows, _INT(6))
        # Two remaining rows have too few independent sums: 6 + 2 rows are slower than 4 + 4.
        two_left = builder.icmp_signed("==", builder.srem(rows, _INT(6)), _INT(2))
        two_left = builder.and_(two_left, builder.icmp_signed(">", sixes, _INT(0)))
        sixes = builder.sub(sixes, builder.zext(two_left, _INT))
        done = _INT(0)
        for height in (6, 4, 2, 1):
            left = builder.sub(rows, done)
            tiles = sixes if height == 6 else builder.sdiv(left, _INT(height))
            tile = Tile(height, vectors, LANES, vectors, LANES, 1, LANES * vectors)
            with cgutils.for_range(builder, tiles) as loop:
                row = builder.add(done, builder.mul(loop.index, _INT(height)))
                _emit_tile(builder, tile, _from_row(builder, of, row))
            done = builder.add(done, builder.mul(tiles, _INT(height)))

    return _intrinsic(emit)


def _intrinsic(emit: Callable[..., None]) -> Callable[..., None]:
    """A function for Numba code whose body `emit(builder, [rows,] operands)` writes."""

    @intrinsic
    def product(typing_context: Any, rows: Any, operands: Any) -> Any:
        signature = types.void(types.intp, operands)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            rows, operands = arguments
            numbers = [builder.extract_value(operands, i) for i in range(len(_Operands._fields))]
            emit(builder, rows, _Operands(*numbers))
            return context.get_dummy_value()

        return signature, generate

    return product


def _copy_scaled(typing_context: Any, source: Any, factors: Any, target: Any) -> Any:
    """Eight float32 at `target` = those at `source` times those at `factors`; all are addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers, scale = (_load_vector(builder, address) for address in arguments[:2])
        target = builder.inttoptr(arguments[2], _VECTOR.as_pointer())
        builder.store(builder.fmul(numbers, scale), target).align = FLOAT_BYTES
        return context.get_dummy_value()

    return types.void(*[types.intp] * 3), generate


copy_scaled: Callable[..., None] = intrinsic(_copy_scaled)


def _copy_vector(typing_context: Any, source: Any, target: Any) -> Any:
    """The vector at `target` = that at `source`; both are addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target = builder.inttoptr(arguments[1], _VECTOR.as_pointer())
        builder.store(_load_vector(builder, arguments[0]), target).align = FLOAT_BYTES
        return context.get_dummy_value()

    return types.void(*[types.intp] * 2), generate


copy_vector: Callable[..., None] = intrinsic(_copy_vector)


def _add_vectors(typing_context: Any, source: Any, count: Any, target: Any) -> Any:
    """The vector at `target` += each of `count` >= 1 vectors at `source`; both are addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, count, target = arguments
        sums = [_load_vector(builder, target)]

        def add(addresses: list[Any], sums: list[Any]) -> list[Any]:
            return [builder.fadd(sums[0], _load_vector(builder, addresses[0]))]

        (total,) = _emit_loop(builder, count, [source], [_INT(BLOCK_BYTES)], sums, add)
        place = builder.inttoptr(target, _VECTOR.as_pointer())
        builder.store(total, place).align = FLOAT_BYTES
        return context.get_dummy_value()

    return types.void(*[types.intp] * 3), generate


add_vectors: Callable[..., None] = intrinsic(_add_vectors)


def _prefetch(typing_context: Any, address: Any) -> Any:
    """Prefetch the cache line at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, kind, "llvm.prefetch.p0"
        )
        read, soon, data = number(0), number(3), number(1)
        builder.call(function, [builder.inttoptr(arguments[0], byte), read, soon, data])
        return context.get_dummy_value()

    return types.void(types.intp), generate


prefetch: Callable[[Any], None] = intrinsic(_prefetch)  # type: ignore[assignment]


def _from_row(builder: Any, of: _Operands, row: Any) -> _Operands:
    def move(address: Any, stride: Any) -> Any:
        return builder.add(address, builder.mul(stride, row))

    block_row = _INT(BLOCK_BYTES)
    return of._replace(
        a=move(of.a, block_row), start=move(of.start, of.start_row), c=move(of.c, block_row)
    )


def _emit_tile(builder: Any, tile: Tile, of: _Operands) -> None:
    places = [(r, v) for r in range(tile.rows) for v in range(tile.vectors)]
    sums = [
        _load_vector(builder, _at(builder, of.start, (of.start_row, r), (of.start_vector, v)))
        for r, v in places
    ]

    def outer(addresses: list[Any], sums: list[Any]) -> list[Any]:
        a, b = addresses
        strides = [of.a_group, of.b_group]

        def group(addresses: list[Any], sums: list[Any]) -> list[Any]:
            return _multiply_add(builder, tile, of._replace(a=addresses[0], b=addresses[1]), sums)

        return _emit_loop(builder, of.groups, [a, b], strides, sums, group)

    sums = _emit_loop(builder, of.outers, [of.a, of.b], [of.a_outer, of.b_outer], sums, outer)
    for (r, v), result in zip(places, sums, strict=True):
        address = _at(builder, of.c, (_INT(BLOCK_BYTES), r), (of.c_vector, v))
        builder.store(result, builder.inttoptr(address, _VECTOR.as_pointer())).align = FLOAT_BYTES


def _emit_loop(
    builder: Any, count: Any, addresses: list[Any], strides: list[Any], sums: list[Any], body: Any
) -> list[Any]:
    """Run `body(addresses, sums)` `count` times with sums in registers, advancing the addresses."""
    before = builder.block
    loop, after = (builder.append_basic_block(name) for name in ("loop", "after"))
    builder.branch(loop)
    builder.position_at_end(loop)
    first = [_INT(0), *addresses, *sums]
    phis = [builder.phi(value.type) for value in first]
    index, moving, running = phis[0], phis[1 : 1 + len(addresses)], phis[1 + len(addresses) :]
    new_sums = body(moving, running)
    moved = [builder.add(*pair) for pair in zip(moving, strides, strict=True)]
    following = [builder.add(index, _INT(1)), *moved, *new_sums]
    for phi, value, next_value in zip(phis, first, following, strict=True):
        phi.add_incoming(value, before)
        phi.add_incoming(next_value, builder.block)
    builder.cbranch(builder.icmp_signed("<", following[0], count), loop, after)
    builder.position_at_end(after)
    return list(new_sums)


def _multiply_add(builder: Any, tile: Tile, of: _Operands, sums: list[Any]) -> list[Any]:
    """Eight steps of the depth, unrolled: every offset in them is a constant but b_vector."""
    fma_type = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    fma = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        builder.module, fma_type, f"llvm.fma.v{LANES}f32"
    )
    float_pointer, block_row = _FLOAT.as_pointer(), _INT(BLOCK_BYTES)
    a = builder.inttoptr(of.a, float_pointer)
    b_vectors = [
        builder.inttoptr(
            _at(builder, of.b, (of.b_vector, v // tile.adjacent), (block_row, v % tile.adjacent)),
            float_pointer,
        )
        for v in range(tile.vectors)
    ]
    for k in range(tile.steps):
        b = [_load_vector(builder, builder.gep(p, [_INT(k * tile.b_step)])) for p in b_vectors]
        for r in range(tile.rows):
            place = builder.gep(a, [_INT(r * tile.a_row + k * tile.a_step)])
            number = _broadcast_number(builder, place)
            for v in range(tile.vectors):
                i = r * tile.vectors + v
                sums = [*sums[:i], builder.call(fma, [number, b[v], sums[i]]), *sums[i + 1 :]]
    return sums


def _at(builder: Any, address: Any, *moves: tuple[Any, int]) -> Any:
    """`address` plus each stride times its count."""
    for stride, times in moves:
        if times:
            address = builder.add(address, builder.mul(stride, _INT(times)))
    return address


def _load_vector(builder: Any, place: Any) -> Any:
    if place.type == _INT:
        place = builder.inttoptr(place, _VECTOR.as_pointer())
    loaded = builder.load(builder.bitcast(place, _VECTOR.as_pointer()))
    loaded.align = FLOAT_BYTES  # arrays start at any float, not at a vector's boundary
    return loaded


def _broadcast_number(builder: Any, place: Any) -> Any:
    number = builder.load(place)
    number.align = FLOAT_BYTES
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_LANE_INDICES, [0] * LANES))
