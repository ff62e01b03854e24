"""GRU in plain NumPy (Cho et al. 2014) with the reset gate after the product; gates z r h.

This is Keras' `reset_after=True`, with a bias of the input and one of the state. The compiled step
is in `nn/kernels/fast/jit/gru.py`; `gru_reset_before.py` has the other kind.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.cell import CellGradients, Steps, states, where_counted
from hoiquy.nn.kernels.plain.gate_products import d_matrix, d_operand, gate_products
from hoiquy.nn.kernels.types import Activation, Array, State


class GruSaved(NamedTuple):
    """What the backward pass needs."""

    gates: Array  # (time, batch, 3 * units): update z, reset r, candidate h, after activations
    inner: Array  # (time, batch, units): the candidate's recurrent part, before the reset
    hidden: Array  # (time + 1, batch, units), the initial state first
    carry: None = None


class GruCell(NamedTuple):
    """The cell; see `PlainCell`."""

    activation: Activation
    recurrent_activation: Activation

    def forward(self, steps: Steps) -> GruSaved:
        sums, weights, mask, initial, factors = steps
        units = weights.units
        hidden = states(steps, None if initial is None else initial.hidden)
        gates, inner = np.empty_like(sums), np.empty_like(hidden[1:])
        for t in range(len(sums)):
            products = gate_products(hidden[t], weights.recurrent_kernel, factors)
            from_state = products + weights.bias[1]
            sums[t, :, : 2 * units] += from_state[:, : 2 * units]
            inner[t] = from_state[:, 2 * units :]
            z, r, candidate = np.split(gates[t], 3, axis=1)
            sum_z, sum_r, sum_h = np.split(sums[t], 3, axis=1)
            z[...] = self.recurrent_activation.function(sum_z)
            r[...] = self.recurrent_activation.function(sum_r)
            sum_h += r * inner[t]
            candidate[...] = self.activation.function(sum_h)
            new = z * hidden[t] + (1 - z) * candidate
            hidden[t + 1] = where_counted(mask, t, new, hidden[t])
        return GruSaved(gates, inner, hidden)

    def backward(
        self, d_hidden: Array, d_last: State, steps: Steps, saved: GruSaved
    ) -> CellGradients:
        sums, weights, mask, _, factors = steps
        gates, inner, hidden, _ = saved
        d_h = d_last.hidden
        d_from_x, d_from_state = np.empty_like(sums), np.empty_like(sums)
        for t in reversed(range(len(sums))):
            d_h = d_h + d_hidden[t]
            z, r, candidate = np.split(gates[t], 3, axis=1)
            sum_z, sum_r, sum_h = np.split(sums[t], 3, axis=1)
            d_candidate = self.activation.gradient(d_h * (1 - z), sum_h, candidate)
            d_z = self.recurrent_activation.gradient(d_h * (hidden[t] - candidate), sum_z, z)
            d_r = self.recurrent_activation.gradient(d_candidate * inner[t], sum_r, r)
            zeros = np.zeros_like(sums[t])
            d_from_x[t] = np.concatenate([d_z, d_r, d_candidate], axis=1)
            d_from_x[t] = where_counted(mask, t, d_from_x[t], zeros)
            d_from_state[t] = np.concatenate([d_z, d_r, d_candidate * r], axis=1)
            d_from_state[t] = where_counted(mask, t, d_from_state[t], zeros)
            carried = where_counted(mask, t, d_h * z, d_h)
            d_h = d_operand(d_from_state[t], weights.recurrent_kernel, factors) + carried
        return CellGradients(
            d_from_x,
            d_matrix(d_from_state, hidden[:-1], factors),
            State(d_h),
            d_from_state.sum(axis=(0, 1)),
        )
