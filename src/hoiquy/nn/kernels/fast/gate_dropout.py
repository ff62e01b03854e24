"""Factors by which each gate drops other inputs and states: recurrent dropout."""

import numpy as np

from hoiquy.nn.kernels.fast.blocking import block, in_rows, no_factors
from hoiquy.nn.kernels.fast.lanes import LANES
from hoiquy.nn.kernels.fast.operands import GRU_GATES, GateFactors
from hoiquy.nn.kernels.fast.packing import padded
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def gate_factors(
    inputs: Array | None, state: Array | None, gates: int, sizes: tuple[int, int, int]
) -> GateFactors:
    """Block factors of inputs, (batch, inputs) or (gates, batch, inputs), and of the state.

    sizes: batch, inputs, units.
    """
    batch, n_inputs, units = sizes
    by_gate = []
    for factors, features in ((inputs, n_inputs), (state, units)):
        factors = no_factors(batch, features) if factors is None else factors
        by_gate.append(np.broadcast_to(factors, (gates, batch, features)))
    if gates == GRU_GATES:
        by_gate[0] = np.roll(by_gate[0], 1, axis=0)  # z r h → h z r, as the parts are
    return GateFactors(*(_blocked(factors) for factors in by_gate))


def _blocked(factors: Array) -> Array:
    gates, batch, features = factors.shape
    out = work_array(gates, padded(features) // LANES, batch, LANES)
    block(in_rows(factors), no_factors(batch, features), out)
    return out
