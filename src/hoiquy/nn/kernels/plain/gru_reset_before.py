"""GRU in plain NumPy with the reset gate before the product, as first published; gates z r h.

Cho et al. 2014; Keras' `reset_after=False`, which has one bias.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.cell import CellGradients, Steps, states, where_counted
from hoiquy.nn.kernels.plain.gate_products import d_matrix, d_operand, gate_products
from hoiquy.nn.kernels.types import Activation, Array, State


class GruResetBeforeSaved(NamedTuple):
    """What the backward pass needs."""

    gates: Array  # (time, batch, 3 * units): update z, reset r, candidate h, after activations
    hidden: Array  # (time + 1, batch, units), the initial state first
    carry: None = None


class GruResetBeforeCell(NamedTuple):
    """The cell; see `PlainCell`."""

    activation: Activation
    recurrent_activation: Activation

    def forward(self, steps: Steps) -> GruResetBeforeSaved:
        sums, weights, mask, initial, _ = steps
        of_gates, of_candidate = _parts(steps)
        both = 2 * weights.units
        hidden = states(steps, None if initial is None else initial.hidden)
        gates = np.empty_like(sums)
        for t in range(len(sums)):
            z, r, candidate = np.split(gates[t], 3, axis=1)
            sum_z, sum_r, sum_h = np.split(sums[t], 3, axis=1)
            sums[t, :, :both] += gate_products(hidden[t], *of_gates)
            z[...] = self.recurrent_activation.function(sum_z)
            r[...] = self.recurrent_activation.function(sum_r)
            sum_h += gate_products(r * hidden[t], *of_candidate)
            candidate[...] = self.activation.function(sum_h)
            new = z * hidden[t] + (1 - z) * candidate
            hidden[t + 1] = where_counted(mask, t, new, hidden[t])
        return GruResetBeforeSaved(gates, hidden)

    def backward(
        self, d_hidden: Array, d_last: State, steps: Steps, saved: GruResetBeforeSaved
    ) -> CellGradients:
        sums, weights, mask, _, _ = steps
        gates, hidden, _ = saved
        of_gates, of_candidate = _parts(steps)
        both, d_h = 2 * weights.units, d_last.hidden
        d_sums = np.empty_like(sums)
        for t in reversed(range(len(sums))):
            d_h = d_h + d_hidden[t]
            z, r, candidate = np.split(gates[t], 3, axis=1)
            sum_z, sum_r, sum_h = np.split(sums[t], 3, axis=1)
            d_candidate = self.activation.gradient(d_h * (1 - z), sum_h, candidate)
            d_z = self.recurrent_activation.gradient(d_h * (hidden[t] - candidate), sum_z, z)
            d_reset = d_operand(d_candidate, *of_candidate)
            d_r = self.recurrent_activation.gradient(d_reset * hidden[t], sum_r, r)
            d_sums[t] = np.concatenate([d_z, d_r, d_candidate], axis=1)
            d_sums[t] = where_counted(mask, t, d_sums[t], np.zeros_like(d_sums[t]))
            carried = where_counted(mask, t, d_h * z + d_reset * r, d_h)
            d_h = d_operand(d_sums[t, :, :both], *of_gates) + carried
        reset = gates[..., weights.units : both] * hidden[:-1]
        d_recurrent = [
            d_matrix(d_sums[..., :both], hidden[:-1], of_gates[1]),
            d_matrix(d_sums[..., both:], reset, of_candidate[1]),
        ]
        return CellGradients(d_sums, np.concatenate(d_recurrent, axis=1), State(d_h))


def _parts(steps: Steps) -> tuple[tuple[Array, Array | None], tuple[Array, Array | None]]:
    """The recurrent matrix and the factors of both gates, then those of the candidate."""
    matrix, factors, both = (
        steps.weights.recurrent_kernel,
        steps.state_factors,
        2 * steps.weights.units,
    )
    return (
        (matrix[:, :both], None if factors is None else factors[:2]),
        (matrix[:, both:], None if factors is None else factors[2:]),
    )
