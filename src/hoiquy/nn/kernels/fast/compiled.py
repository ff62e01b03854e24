"""The kernels that Python calls, and the types of their parameters.

Their functions are those of the same names in `jit.entries`.
"""

import numpy as np

from hoiquy.nn.kernels.fast.abi import Kernel
from hoiquy.nn.kernels.fast.operands import (
    Activations,
    Cell,
    Dropped,
    GateFactors,
    Inputs,
    LayerGradients,
    Packed,
    PackedTransposes,
    StateGradients,
)
from hoiquy.nn.kernels.fast.parameters import ArrayOf, Group

_FLOAT32, _INT32, _INT64 = np.dtype(np.float32), np.dtype(np.int32), np.dtype(np.int64)
_IN = [ArrayOf(_FLOAT32, axes) for axes in range(5)]
_OUT = [ArrayOf(_FLOAT32, axes, written=True) for axes in range(5)]
_INDICES = ArrayOf(_INT32, 2)

_CELL = Group(Cell, ("int64",) * 3)
_INPUTS = Group(Inputs, (_IN[4], _IN[2], _INDICES, ArrayOf(np.dtype(np.bool_), 2)))
_PACKED = Group(Packed, (_IN[1],) * 4)
_TRANSPOSES = Group(PackedTransposes, (_IN[1],) * 2)
_ACTIVATIONS = Group(Activations, (_OUT[4],) * 3)
_STATE_GRADIENTS = Group(StateGradients, (_IN[4], *(_OUT[3],) * 5))
_LAYER_GRADIENTS = Group(LayerGradients, (_OUT[4], _OUT[3], _OUT[3], _OUT[2]))
_FACTORS = Group(GateFactors, (_IN[4],) * 2)
_DROPPED = Group(Dropped, (_OUT[4],) * 2)

adam_update = Kernel("adam_update", _OUT[1], _IN[1], _OUT[1], _OUT[1], *("float32",) * 4)
adam_update_rows = Kernel(
    "adam_update_rows", *(_OUT[2],) * 3, _IN[2], ArrayOf(_INT64, 1), *("float32",) * 4
)
block = Kernel("block", _IN[3], _IN[2], _OUT[4])
unblock = Kernel("unblock", _IN[4], _IN[2], _OUT[3])
multiply = Kernel("multiply", *("int64",) * 9)
pack = Kernel("pack", _IN[2], "int64", "int64", _OUT[1])
pack_transpose = Kernel("pack_transpose", _IN[2], "int64", "int64", _OUT[1])
unpack = Kernel("unpack", _IN[3], "int64", "int64", _OUT[2])
dropout = Kernel("dropout", _IN[1], ArrayOf(np.dtype(np.uint16), 1), "uint16", "float32", _OUT[1])
scatter_add = Kernel("scatter_add", _INDICES, _IN[3], _OUT[2], "int64", "int64")
find_ngrams = Kernel(
    "find_ngrams", _INDICES, ArrayOf(_INT64, 1), ArrayOf(_INT32, 1), "uint64",
    ArrayOf(_INT32, 3, written=True),
)  # fmt: skip
window_maxima = Kernel("window_maxima", _INDICES, _IN[3], *("int64",) * 3, _OUT[1], _OUT[2])
run_forward = Kernel("run_forward", _CELL, _INPUTS, _PACKED, _ACTIVATIONS, _IN[1])
run_backward = Kernel(
    "run_backward", _CELL, _INPUTS, _TRANSPOSES, _ACTIVATIONS, _STATE_GRADIENTS,
    _LAYER_GRADIENTS, _IN[1],
)  # fmt: skip
run_forward_by_gate = Kernel(
    "run_forward_by_gate", _CELL, _INPUTS, _FACTORS, _PACKED, _ACTIVATIONS, _DROPPED
)
run_backward_by_gate = Kernel(
    "run_backward_by_gate", _CELL, _INPUTS, _FACTORS, _TRANSPOSES, _ACTIVATIONS,
    _STATE_GRADIENTS, _LAYER_GRADIENTS, _DROPPED, _DROPPED, _IN[1],
)  # fmt: skip

KERNELS = (  # those that take longest to compile come first
    run_forward, run_backward, run_forward_by_gate, run_backward_by_gate, adam_update,
    adam_update_rows, block, unblock, multiply, pack, pack_transpose, unpack, dropout, scatter_add,
    find_ngrams, window_maxima,
)  # fmt: skip
