"""Weights on their way into and out of the padded, packed layout of the fast kernels."""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.fast.matmul import pack, padded
from hoiquy.nn.kernels.fast.microkernel import LANES
from hoiquy.nn.kernels.types import Array, RecurrentWeights

GRU_GATES = 3


class Packed(NamedTuple):
    """Weights as the loops over time take them; see `sequence.run_forward`."""

    kernel: Array  # packed (padded inputs, parts of W * padded units)
    recurrent: Array  # packed (padded units, parts of U * padded units)
    bias: Array  # (parts of W * padded units,)
    inner_bias: Array  # (padded units,), or empty


def _candidate_first(matrix: Array) -> Array:
    """(..., z r h) → (..., h z r)."""
    return np.roll(matrix, matrix.shape[-1] // GRU_GATES, axis=-1)


def _candidate_last(matrix: Array) -> Array:
    """(..., h z r) → (..., z r h)."""
    return np.roll(matrix, -(matrix.shape[-1] // GRU_GATES), axis=-1)


def _in_work_order(kernel: Array, gates: int) -> Array:
    return _candidate_first(kernel) if gates == GRU_GATES else kernel


def pad_gates(matrix: Array, gates: int) -> Array:
    """(..., gates * units) → (..., gates * padded units), zeros behind each gate."""
    units = matrix.shape[-1] // gates
    if units == padded(units):
        return np.ascontiguousarray(matrix)
    result = np.zeros((*matrix.shape[:-1], gates, padded(units)), matrix.dtype)
    result[..., :units] = matrix.reshape(*matrix.shape[:-1], gates, units)
    return result.reshape(*matrix.shape[:-1], -1)


def _padded(matrix: Array, gates: int) -> Array:
    wide, missing = pad_gates(matrix, gates), -len(matrix) % LANES
    return np.concatenate([wide, np.zeros((missing, wide.shape[1]), wide.dtype)])


def pack_matrix(matrix: Array, gates: int) -> Array:
    """(rows, gates * units), padded in both directions and packed."""
    return pack(_padded(matrix, gates))


def pack_forward(weights: RecurrentWeights, gates: int) -> Packed:
    """Pack for `run_forward`. gates: as Keras counts them, one, three (GRU) or four."""
    kernel, recurrent, bias = weights
    inner_bias = np.empty(0, np.float32)
    if gates == GRU_GATES:
        # z and r take both biases at once; only the candidate needs its recurrent bias apart.
        outer, inner = bias
        shared = 2 * weights.units
        bias = np.concatenate([outer[:shared] + inner[:shared], outer[shared:]])
        inner_bias = pad_gates(inner[shared:], 1)
    return Packed(
        pack_matrix(_in_work_order(kernel, gates), gates),
        pack_matrix(recurrent, gates),
        pad_gates(_in_work_order(bias, gates), gates),
        inner_bias,
    )


def pack_backward(weights: RecurrentWeights, gates: int) -> tuple[Array, Array]:
    """The transposes of kernel and recurrent kernel, packed for `run_backward`."""
    kernel = _in_work_order(weights.kernel, gates)
    both = (kernel, weights.recurrent_kernel)
    transposed = [pack(_padded(matrix, gates).T) for matrix in both]
    return transposed[0], transposed[1]


def unpack_gradients(
    d_kernel: Array, d_recurrent: Array, d_bias: Array, inputs: int, units: int, gates: int
) -> RecurrentWeights:
    """Blocked gradients, as `run_backward` fills them, in the shapes and order of the weights."""

    def unblocked(blocks: Array, features: int) -> Array:
        rows = blocks.transpose(1, 0, 2)[:features]
        parts = rows.reshape(features, -1, padded(units))[..., :units]
        return np.ascontiguousarray(parts.reshape(features, -1))

    kernel, recurrent = unblocked(d_kernel, inputs), unblocked(d_recurrent, units)
    # A part a row; a copy, since for one unit reshape(-1) below would keep a strided view.
    bias = np.ascontiguousarray(d_bias.reshape(-1, padded(units))[:, :units])
    if gates != GRU_GATES:
        return RecurrentWeights(kernel, recurrent, bias.reshape(-1))
    d_outer = _candidate_last(bias[:GRU_GATES].reshape(-1))
    biases = np.stack([d_outer, bias[-GRU_GATES:].reshape(-1)])
    return RecurrentWeights(_candidate_last(kernel), recurrent, biases)
