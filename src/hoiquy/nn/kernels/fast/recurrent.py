"""SimpleRNN, LSTM and GRU, fast: check the arrays, allocate, run the loop over time, unpack.

`hoiquy.nn.kernels.plain.recurrent` defines what these functions compute; here for float32 only.
Compiled code works on addresses: arrays that do not fit must be refused here.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.fast import compiled, operands
from hoiquy.nn.kernels.fast.affine import fill_affine
from hoiquy.nn.kernels.fast.blocking import block, in_rows, no_factors, unblock
from hoiquy.nn.kernels.fast.checks import (
    check_factors,
    check_gradient,
    check_initial,
    check_inputs,
    check_lookup,
    check_mask,
    check_weights,
    check_x,
)
from hoiquy.nn.kernels.fast.gate_dropout import gate_factors
from hoiquy.nn.kernels.fast.lanes import LANES
from hoiquy.nn.kernels.fast.operands import (
    GATES,
    GRADIENT_DEPTH,
    INPUT_ROWS,
    Activations,
    Cell,
    Dropped,
    GateFactors,
    Inputs,
    LayerGradients,
    Packed,
    StateGradients,
)
from hoiquy.nn.kernels.fast.packing import Packs, pack_forward, padded, unpack_gradients
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import (
    FAST_ACTIVATIONS,
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
_ONES, _ZEROS = np.ones(LANES, np.float32), np.zeros(LANES, np.float32)


class Saved(NamedTuple):
    """What the backward pass needs; units are padded to a multiple of LANES."""

    shape: tuple[int, int, int]  # time, batch, inputs
    units: int
    inputs: Inputs
    activations: Activations
    factors: Array  # (batch, inputs), by which the inputs are multiplied
    gate_factors: GateFactors | None  # where each gate has its own factors
    sequences: bool


class Prepared(NamedTuple):
    """Weights packed for inference."""

    inputs: int
    units: int
    packed: Packed


class FastRecurrent(NamedTuple):
    """The kernels of one cell, with the interface of `plain.recurrent.PlainRecurrent`."""

    cell: Cell

    def forward(
        self, x: Array, weights: RecurrentWeights, mask: Mask | None = None,
        initial: State | None = None, factors: Array | None = None, sequences: bool = True,
        state_factors: Array | None = None, packs: Packs | None = None,
    ) -> tuple[Array, Saved]:  # fmt: skip
        """As `PlainRecurrent.forward`, for float32. Raises ShapeError."""
        check_inputs(self.cell, x, weights, mask)
        (time, batch, n_inputs), units, gates = x.shape, weights.units, GATES[self.cell.kind]
        check_factors(self.cell, x, units, factors, state_factors)
        if initial is not None:
            check_initial(self.cell, initial, batch, units)
        by_gate = None
        if state_factors is not None or (factors is not None and factors.ndim == 3):
            by_gate = gate_factors(factors, state_factors, gates, (batch, n_inputs, units))
            factors = None
        factors = no_factors(batch, n_inputs) if factors is None else in_rows(factors)
        inputs = Inputs(_blocked(x, factors), _NO_TABLE, _NO_INDICES, _as_operand(mask))
        activations = self._activations(time, time + 1, batch, units)
        _set_initial(initial, activations)
        if time and batch:
            packed = (packs or self.packs(weights)).forward(by_gate is not None)
            if by_gate is None:
                compiled.run_forward(self.cell, inputs, packed, activations, _ONES)
            else:
                work = _dropped(inputs, activations, 1)
                compiled.run_forward_by_gate(self.cell, inputs, by_gate, packed, activations, work)
        hidden = activations.hidden
        y = _unblocked(hidden[1:] if sequences else hidden[-1:], batch, units)
        shape = (time, batch, n_inputs)
        saved = Saved(shape, units, inputs, activations, factors, by_gate, sequences)
        return (y if sequences else y[0]), saved

    def last_states(self, saved: Saved) -> State:
        """As `PlainRecurrent.last_states`."""
        (_, batch, _), (_, hidden, carry) = saved.shape, saved.activations
        arrays = (hidden, carry) if self._has_carry else (hidden,)
        return State(*(_unblocked(array[-1:], batch, saved.units)[0] for array in arrays))

    def backward(
        self, d_hidden: Array, weights: RecurrentWeights, saved: Saved, want_d_x: bool = True,
        d_last: State | None = None, packs: Packs | None = None,
    ) -> tuple[Array | None, RecurrentWeights, State]:  # fmt: skip
        """As `PlainRecurrent.backward`. Overwrites what was saved: call it once."""
        (time, batch, n_inputs), units, gates = saved.shape, saved.units, GATES[self.cell.kind]
        check_gradient(self.cell, d_hidden, weights, saved.shape, units, saved.sequences)
        if d_last is not None:
            check_initial(self.cell, d_last, batch, units)
        d_outputs = _blocked(d_hidden.reshape(-1, batch, units), no_factors(batch, units))
        d_h = np.zeros(d_outputs.shape[1:], np.float32) if saved.sequences else d_outputs[0]
        d_c = np.zeros_like(d_h) if self._has_carry else _NO_ARRAY[0]
        d_states = StateGradients(
            d_outputs if saved.sequences else _NO_ARRAY, d_h, d_c, np.zeros_like(d_h),
            np.empty_like(d_c), self._slopes(d_h),
        )  # fmt: skip
        if d_last is not None:
            _add_last(d_last, d_states)
        blocks = gates * padded(units) // LANES
        gradients = LayerGradients(
            work_array(*saved.inputs.x.shape) if want_d_x else _NO_ARRAY,
            _zeros(blocks, padded(n_inputs), LANES),
            _zeros(blocks, padded(units), LANES),
            _zeros(saved.activations.parts.shape[1], LANES),
        )
        if time and batch:
            by_gate = saved.gate_factors
            packed = (packs or self.packs(weights)).backward(by_gate is not None)
            inputs, activations = saved.inputs, saved.activations
            rest = packed, activations, d_states, gradients
            if by_gate is None:
                compiled.run_backward(self.cell, inputs, *rest, _ZEROS)
            else:
                dropped = _dropped(inputs, activations, min(time, max(1, GRADIENT_DEPTH // batch)))
                work = dropped, _dropped(inputs, activations, 1), _ZEROS
                compiled.run_backward_by_gate(self.cell, inputs, by_gate, *rest, *work)
        d_x = None
        if want_d_x:
            d_x = work_array(*saved.shape)
            unblock(gradients.d_x, saved.factors, d_x)
        d_initial = State(
            _unblocked(d_h[None], batch, units)[0],
            _unblocked(d_states.d_c[None], batch, units)[0] if self._has_carry else None,
        )
        return d_x, unpack_gradients(*gradients[1:], n_inputs, weights, gates), d_initial

    def packs(self, weights: RecurrentWeights) -> Packs:
        """As `PlainRecurrent.packs`."""
        return Packs(weights, GATES[self.cell.kind])

    def prepare(self, weights: RecurrentWeights) -> Prepared:
        """The weights packed once, for many calls of `infer`. Raises ShapeError."""
        inputs = len(weights.kernel)
        check_weights(self.cell, weights, inputs)
        return Prepared(inputs, weights.units, pack_forward(weights, GATES[self.cell.kind]))

    def infer(
        self, x: Array | Lookup, prepared: Prepared, mask: Mask | None = None,
        initial: State | None = None, sequences: bool = True,
    ) -> tuple[Array, State]:  # fmt: skip
        """As `PlainRecurrent.infer`; the bits are those of `forward`. Raises ShapeError."""
        units = prepared.units
        table, indices, blocked_x = _NO_TABLE, _NO_INDICES, _NO_ARRAY
        if isinstance(x, Lookup):
            check_lookup(x, prepared.packed.bias.size)
            table, indices = x.table, np.ascontiguousarray(x.indices, np.int32)
            time, batch = indices.shape
        else:
            check_x(x, prepared.inputs)
            time, batch, n_inputs = x.shape
            blocked_x = _blocked(x, no_factors(batch, n_inputs))
        check_mask(mask, (time, batch))
        if initial is not None:
            check_initial(self.cell, initial, batch, units)
        inputs = Inputs(blocked_x, table, indices, _as_operand(mask))
        slots = max(1, INPUT_ROWS // max(batch, 1))
        activations = self._activations(slots, time + 1 if sequences else 2, batch, units)
        _set_initial(initial, activations)
        if time and batch:
            compiled.run_forward(self.cell, inputs, prepared.packed, activations, _ONES)
        kept = slice(None) if sequences else slice(time % 2, time % 2 + 1)
        states = State(
            _unblocked(activations.hidden[kept], batch, units),
            _unblocked(activations.carry[kept], batch, units) if self._has_carry else None,
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

    @property
    def _has_carry(self) -> bool:
        return self.cell.kind == operands.LSTM

    def _activations(self, steps: int, state_slots: int, batch: int, units: int) -> Activations:
        """Work arrays of any content for so many steps, states and rows."""
        parts = 1 if self.cell.kind == operands.SIMPLE_RNN else 4
        blocks = padded(units) // LANES
        hidden = work_array(state_slots, blocks, batch, LANES)
        carry = work_array(*hidden.shape) if self._has_carry else _NO_ARRAY
        return Activations(work_array(steps, parts * blocks, batch, LANES), hidden, carry)

    def _slopes(self, like: Array) -> Array:
        """Work of the cell's backward pass, as many times d_h as it takes."""
        times = {operands.LSTM: 6, operands.GRU: 3, operands.GRU_RESET_BEFORE: 4}
        return work_array(times.get(self.cell.kind, 0) * len(like), *like.shape[1:])


def _zeros(*shape: int) -> Array:
    out = work_array(*shape)
    out.fill(0)
    return out


def _dropped(inputs: Inputs, activations: Activations, steps: int) -> Dropped:
    """Work for the inputs and states of so many steps."""
    arrays = inputs.x, activations.hidden
    return Dropped(*(work_array(steps, *array.shape[1:]) for array in arrays))


def _blocked(x: Array, factors: Array) -> Array:
    """(time, batch, features) times factors, blocked."""
    out = work_array(len(x), padded(x.shape[2]) // LANES, x.shape[1], LANES)
    block(in_rows(x), factors, out)
    return out


def _unblocked(blocked: Array, batch: int, units: int) -> Array:
    """Blocked states as (time, batch, units)."""
    out = work_array(len(blocked), batch, units)
    unblock(blocked, no_factors(batch, units), out)
    return out


def _as_operand(mask: Mask | None) -> Mask:
    """(time, rows), contiguous; empty when every step counts."""
    if mask is None or mask.all():
        return _NO_MASK
    return np.ascontiguousarray(mask)


def _set_initial(initial: State | None, activations: Activations) -> None:
    """Fill slot 0 of the states, with zeros unless initial states are given."""
    _, hidden, carry = activations
    if initial is None:
        hidden[0] = 0
        carry[0] = 0
        return
    for source, target in zip(initial, (hidden, carry), strict=True):
        if source is not None:
            block(in_rows(source)[None], no_factors(*source.shape), target[:1])


def _add_last(d_last: State, d_states: StateGradients) -> None:
    """Add gradients of the states after the last step."""
    for source, target in zip(d_last, (d_states.d_h, d_states.d_c), strict=True):
        if source is not None:
            batch, units = source.shape
            target += _blocked(source[None], no_factors(batch, units))[0]


@cache
def recurrent(cell: str, activation: str, recurrent_activation: str = "sigmoid") -> FastRecurrent:
    """The kernels of a cell of `operands.CELLS` with two of `types.FAST_ACTIVATIONS`."""
    numbers = (FAST_ACTIVATIONS.index(name) for name in (activation, recurrent_activation))
    return FastRecurrent(Cell(operands.CELLS[cell], *numbers))
