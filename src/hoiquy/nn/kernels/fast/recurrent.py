"""SimpleRNN, LSTM and GRU, fast: the checks, the memory, and the way into compiled code and out.

`hoiquy.nn.kernels.plain` defines what they mean; these take float32 only. Compiled code sees
addresses: whatever does not fit must be refused here.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.fast import sequence
from hoiquy.nn.kernels.fast.affine import fill_affine
from hoiquy.nn.kernels.fast.blocking import block, in_rows, no_factors, unblock
from hoiquy.nn.kernels.fast.checks import (
    GATES,
    check_gradient,
    check_initial,
    check_inputs,
    check_lookup,
    check_mask,
    check_weights,
    check_x,
)
from hoiquy.nn.kernels.fast.matmul import padded
from hoiquy.nn.kernels.fast.microkernel import LANES
from hoiquy.nn.kernels.fast.packing import Packed, pack_backward, pack_forward, unpack_gradients
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import (
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)

_NO_ARRAY = np.empty((1, 0, 0, 0), np.float32)
_NO_TABLE = np.empty((0, 0), np.float32)
_NO_INDICES = np.empty((0, 0), np.int32)
_NO_MASK = np.empty((0, 0), np.bool_)


class Saved(NamedTuple):
    """What the backward pass needs; blocked arrays, rows padded to a multiple of 8."""

    shape: tuple[int, int, int]  # time, batch, inputs
    units: int
    x: Array
    parts: Array
    hidden: Array
    carry: Array
    mask: Mask
    factors: Array
    sequences: bool


class Prepared(NamedTuple):
    """Weights ready for inference."""

    inputs: int
    units: int
    packed: Packed


class FastRecurrent(NamedTuple):
    """The kernels of one cell, as `plain.recurrent.PlainRecurrent`."""

    cell: int

    def forward(
        self, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, factors: Array | None = None, sequences: bool = True,
    ) -> tuple[Array, Saved]:  # fmt: skip
        """As `PlainRecurrent.forward`, for float32. Raises ShapeError."""
        cell = self.cell
        check_inputs(cell, x, weights, mask, factors)
        (time, batch, inputs), units = x.shape, weights.units
        if initial is not None:
            check_initial(cell, initial, batch, units)
        rows, wide = padded(batch), padded(units)
        factors = no_factors(batch, inputs) if factors is None else in_rows(factors)
        blocked_x = work_array(time, padded(inputs) // LANES, rows, LANES)
        block(in_rows(x), factors, blocked_x)
        hidden = work_array(time + 1, wide // LANES, rows, LANES)
        carry = work_array(*hidden.shape) if cell == sequence.LSTM else _NO_ARRAY
        parts = work_array(time, _parts(cell) * wide // LANES, rows, LANES)
        _set_initial(initial, hidden, carry)
        padded_mask = _pad_mask(mask, rows)
        if time and batch:
            sequence.run_forward(
                cell, blocked_x, _NO_TABLE, _NO_INDICES, padded_mask,
                *pack_forward(weights, GATES[cell]), parts, hidden, carry,
            )  # fmt: skip
        y = _rows_of(hidden[1:] if sequences else hidden[-1:], batch, units)
        saved = Saved(
            (time, batch, inputs), units, blocked_x, parts, hidden, carry, padded_mask, factors,
            sequences,
        )  # fmt: skip
        return (y if sequences else y[0]), saved

    def backward(
        self, d_hidden: Array, weights: RecurrentWeights, saved: Saved, want_d_x: bool = True
    ) -> tuple[Array | None, RecurrentWeights, State]:
        """As `PlainRecurrent.backward`. Uses up what was saved: call it once."""
        cell, (time, batch, inputs), units = self.cell, saved.shape, saved.units
        check_gradient(cell, d_hidden, weights, saved.shape, units, saved.sequences)
        rows, wide, gates = padded(batch), padded(units), GATES[cell]
        d_states = work_array(time if saved.sequences else 1, wide // LANES, rows, LANES)
        block(
            in_rows(d_hidden).reshape(-1, batch, units),
            no_factors(batch, units),
            d_states,
        )
        d_h = np.zeros(d_states.shape[1:], np.float32) if saved.sequences else d_states[0]
        d_c = np.zeros_like(d_h) if cell == sequence.LSTM else _NO_ARRAY[0]
        d_x = work_array(*saved.x.shape) if want_d_x else _NO_ARRAY
        columns = saved.parts.shape[1]
        d_kernel = np.zeros((gates * wide // LANES, padded(inputs), LANES), np.float32)
        d_recurrent = np.zeros((gates * wide // LANES, wide, LANES), np.float32)
        d_bias = np.zeros((columns, LANES), np.float32)
        if time and batch:
            sequence.run_backward(
                cell, saved.x, saved.mask, *pack_backward(weights, gates), saved.parts,
                saved.hidden, saved.carry, d_states if saved.sequences else _NO_ARRAY, d_h, d_c,
                d_x, d_kernel, d_recurrent, d_bias,
            )  # fmt: skip
        d_inputs = None
        if want_d_x:
            d_inputs = work_array(*saved.shape)
            unblock(d_x, saved.factors, d_inputs)
        d_initial = State(
            _rows_of(d_h[None], batch, units)[0],
            _rows_of(d_c[None], batch, units)[0] if cell == sequence.LSTM else None,
        )
        gradients = unpack_gradients(d_kernel, d_recurrent, d_bias, inputs, units, gates)
        return d_inputs, gradients, d_initial

    def prepare(self, weights: RecurrentWeights) -> Prepared:
        """The weights packed once, for many calls of `infer`. Raises ShapeError."""
        inputs = len(weights.kernel)
        check_weights(self.cell, weights, inputs)
        return Prepared(inputs, weights.units, pack_forward(weights, GATES[self.cell]))

    def infer(
        self, x: Array | Lookup, prepared: Prepared, mask: Mask | None = None,
        initial: State | None = None, sequences: bool = True,
    ) -> tuple[Array, State]:  # fmt: skip
        """As `PlainRecurrent.infer`; the bits are those of `forward`. Raises ShapeError."""
        cell, units, wide = self.cell, prepared.units, padded(prepared.units)
        table, indices, blocked_x = _NO_TABLE, _NO_INDICES, _NO_ARRAY
        if isinstance(x, Lookup):
            check_lookup(x, prepared.packed.bias.size)
            table, indices = x.table, np.require(x.indices, np.int32, ["C", "W"])
            time, batch = indices.shape
        else:
            check_x(x, prepared.inputs)
            time, batch, inputs = x.shape
            blocked_x = work_array(time, padded(inputs) // LANES, batch, LANES)
            block(in_rows(x), no_factors(batch, inputs), blocked_x)
        check_mask(mask, (time, batch))
        if initial is not None:
            check_initial(cell, initial, batch, units)
        slots = time + 1 if sequences else 2
        hidden = work_array(slots, wide // LANES, batch, LANES)
        carry = work_array(*hidden.shape) if cell == sequence.LSTM else _NO_ARRAY
        parts = work_array(1, _parts(cell) * wide // LANES, batch, LANES)
        _set_initial(initial, hidden, carry)
        if time and batch:
            sequence.run_forward(
                cell, blocked_x, table, indices, _pad_mask(mask, batch), *prepared.packed, parts,
                hidden, carry,
            )  # fmt: skip
        kept = slice(None) if sequences else slice(time % 2, time % 2 + 1)
        states = State(
            _rows_of(hidden[kept], batch, units),
            _rows_of(carry[kept], batch, units) if cell == sequence.LSTM else None,
        )
        if sequences:
            return states.hidden[1:], states
        last = State(states.hidden[0], None if states.carry is None else states.carry[0])
        return last.hidden, last

    def project(self, prepared: Prepared, embeddings: Array) -> Array:
        """x W + bias of every row of `embeddings` (rows, inputs), once, for `infer` to look up."""
        check_x(embeddings[None], prepared.inputs)
        bias = prepared.packed.bias
        table = np.empty((len(embeddings), bias.size), np.float32)
        fill_affine(embeddings, prepared.packed.kernel, bias, table)
        return table


def _parts(cell: int) -> int:
    return 4 if cell in (sequence.LSTM, sequence.GRU) else 1


def _rows_of(blocked: Array, batch: int, units: int) -> Array:
    out = work_array(len(blocked), batch, units)
    unblock(blocked, no_factors(batch, units), out)
    return out


def _pad_mask(mask: Mask | None, rows: int) -> Mask:
    """(time, rows), True in the padding; empty when every step counts."""
    if mask is None or mask.all():
        return _NO_MASK
    return np.pad(mask, ((0, 0), (0, rows - mask.shape[1])), constant_values=True)


def _set_initial(initial: State | None, hidden: Array, carry: Array) -> None:
    """Put the states to begin with, zero unless given, into slot 0."""
    if initial is None:
        hidden[0] = 0
        carry[0] = 0
        return
    for source, target in zip(initial, (hidden, carry), strict=True):
        if source is not None:
            block(in_rows(source)[None], no_factors(*source.shape), target[:1])


LSTM = FastRecurrent(sequence.LSTM)
GRU = FastRecurrent(sequence.GRU)
SIMPLE_RNN_TANH = FastRecurrent(sequence.SIMPLE_RNN_TANH)
SIMPLE_RNN_RELU = FastRecurrent(sequence.SIMPLE_RNN_RELU)
