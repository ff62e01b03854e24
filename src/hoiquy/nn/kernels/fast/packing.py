"""Pack weights into the padded layout of the fast kernels, and unpack their gradients."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.abi import Kernel
from hoiquy.nn.kernels.fast.lanes import LANES
from hoiquy.nn.kernels.fast.operands import GRU_GATES, Packed, PackedTransposes
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array, RecurrentWeights

T = TypeVar("T")


def padded(size: int) -> int:
    """`size` rounded up to whole vectors."""
    return -(-size // LANES) * LANES


def pack_matrix(matrix: Array, gates: int, by_gate: bool = False, first: int = 0) -> Array:
    """(rows, gates * units), padded in both directions and packed, all at once or gate by gate.

    The result is flat: panels of the widths of `panel_width`, each row after row. first: the number
    of the gate that comes first, the others follow cyclically.
    """
    return _packed(compiled.pack, matrix, gates, by_gate, first)


def pack_transpose(matrix: Array, gates: int, by_gate: bool = False, first: int = 0) -> Array:
    """As `pack_matrix`, of the transpose."""
    return _packed(compiled.pack_transpose, matrix, gates, by_gate, first)


def _packed(kernel: Kernel, matrix: Array, gates: int, by_gate: bool, first: int) -> Array:
    if by_gate:
        blocks = np.split(matrix, gates, axis=1)
        ordered = blocks[first:] + blocks[:first]
        return np.concatenate([_packed(kernel, block, 1, False, 0) for block in ordered])
    units = matrix.shape[1] // gates
    packed = work_array(padded(len(matrix)) * gates * padded(units))
    kernel(np.ascontiguousarray(matrix), units, first, packed)
    return packed


def pad_gates(matrix: Array, gates: int) -> Array:
    """(..., gates * units) → (..., gates * padded units), zeros after each gate."""
    units = matrix.shape[-1] // gates
    if units == padded(units):
        return np.ascontiguousarray(matrix)
    result = np.zeros((*matrix.shape[:-1], gates, padded(units)), matrix.dtype)
    result[..., :units] = matrix.reshape(*matrix.shape[:-1], gates, units)
    return result.reshape(*matrix.shape[:-1], -1)


def _first_gate(gates: int) -> int:
    """Of W: the GRU's candidate, so that what W and U share is adjacent (z r h → h z r)."""
    return gates - 1 if gates == GRU_GATES else 0


def pack_forward(weights: RecurrentWeights, gates: int, by_gate: bool = False) -> Packed:
    """Pack for `run_forward`. gates: 1 (SimpleRNN), 3 (GRU) or 4 (LSTM), as Keras counts them.

    by_gate: for the loops of `gate_dropout`.
    """
    kernel, _, bias = weights
    inner_bias = np.empty(0, np.float32)
    if bias.ndim > 1:
        # z and r take the sum of both biases; only the candidate needs its recurrent bias apart.
        outer, inner = bias
        shared = 2 * weights.units
        bias = np.concatenate([outer[:shared] + inner[:shared], outer[shared:]])
        inner_bias = pad_gates(inner[shared:], 1)
    elif gates == GRU_GATES:
        inner_bias = np.zeros(padded(weights.units), np.float32)  # of the reset state's part
    return Packed(
        pack_matrix(kernel, gates, by_gate, _first_gate(gates)),
        _pack_recurrent(pack_matrix, weights, gates, by_gate),
        pad_gates(np.roll(bias, -_first_gate(gates) * weights.units), gates),
        inner_bias,
    )


def pack_backward(weights: RecurrentWeights, gates: int, by_gate: bool = False) -> PackedTransposes:
    """Pack the transposes for `run_backward`; the arguments are those of `pack_forward`."""
    return PackedTransposes(
        pack_transpose(weights.kernel, gates, by_gate, _first_gate(gates)),
        _pack_recurrent(pack_transpose, weights, gates, by_gate),
    )


def _pack_recurrent(
    packed: Callable[..., Array], weights: RecurrentWeights, gates: int, by_gate: bool
) -> Array:
    """U packed at once, or that of the candidate apart where the reset gate is before it."""
    recurrent = weights.recurrent_kernel
    if by_gate or gates != GRU_GATES or weights.bias.ndim > 1:
        return packed(recurrent, gates, by_gate)
    both, candidate = np.split(recurrent, [2 * weights.units], axis=1)
    return np.concatenate([packed(both, 2), packed(candidate, 1)])


class Packs:
    """Weights packed for any number of passes, in each form when it is first needed.

    The weights must not change meanwhile.
    """

    def __init__(self, weights: RecurrentWeights, gates: int) -> None:
        self._weights, self._gates, self._lock = weights, gates, Lock()
        self._packed: dict[tuple[Any, bool], Any] = {}

    def forward(self, by_gate: bool) -> Packed:
        """As `pack_forward`."""
        return self._once(pack_forward, by_gate)

    def backward(self, by_gate: bool) -> PackedTransposes:
        """As `pack_backward`."""
        return self._once(pack_backward, by_gate)

    def _once(self, function: Callable[[RecurrentWeights, int, bool], T], by_gate: bool) -> T:
        with self._lock:  # shards need them at the same time
            if (function, by_gate) not in self._packed:
                packed = function(self._weights, self._gates, by_gate)
                self._packed[function, by_gate] = packed
            found: T = self._packed[function, by_gate]
            return found


def unpack_gradients(
    d_kernel: Array, d_recurrent: Array, d_bias: Array, inputs: int, weights: RecurrentWeights,
    gates: int,
) -> RecurrentWeights:  # fmt: skip
    """Blocked gradients, as `run_backward` fills them, in the shapes and order of the weights."""
    units, first = weights.units, _first_gate(gates)
    kernel, recurrent = work_array(inputs, gates * units), work_array(units, gates * units)
    compiled.unpack(d_kernel, units, first, kernel)
    compiled.unpack(d_recurrent, units, 0, recurrent)
    # One part per row; a copy, since for one unit reshape(-1) below would keep a strided view.
    bias = np.ascontiguousarray(d_bias.reshape(-1, padded(units))[:, :units])
    if gates != GRU_GATES:
        return RecurrentWeights(kernel, recurrent, bias.reshape(-1))
    d_outer = np.roll(bias[:GRU_GATES].reshape(-1), first * units)
    if weights.bias.ndim == 1:
        return RecurrentWeights(kernel, recurrent, d_outer)
    biases = np.stack([d_outer, bias[-GRU_GATES:].reshape(-1)])
    return RecurrentWeights(kernel, recurrent, biases)
