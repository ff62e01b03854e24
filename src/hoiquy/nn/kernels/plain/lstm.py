"""LSTM in plain NumPy (Hochreiter and Schmidhuber 1997, forget gate of Gers 2000); gates i f c o.

The compiled step is in `nn/kernels/fast/jit/lstm.py`.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.cell import CellGradients, Steps, states, where_counted
from hoiquy.nn.kernels.plain.gate_products import d_matrix, d_operand, gate_products
from hoiquy.nn.kernels.types import Activation, Array, State


class LstmSaved(NamedTuple):
    """What the backward pass needs."""

    gates: Array  # (time, batch, 4 * units), after their activations
    hidden: Array  # (time + 1, batch, units), the initial state first
    carry: Array  # as hidden: the cell state c
    new_carry: Array  # (time, batch, units): c of each step, also where it was masked
    output: Array  # (time, batch, units): activation(new_carry)


class LstmCell(NamedTuple):
    """The cell; see `PlainCell`."""

    activation: Activation
    recurrent_activation: Activation

    def forward(self, steps: Steps) -> LstmSaved:
        sums, weights, mask, initial, factors = steps
        hidden = states(steps, None if initial is None else initial.hidden)
        carry = states(steps, None if initial is None else initial.carry)
        gates, new_carry, output = np.empty_like(sums), carry[1:].copy(), np.empty_like(carry[1:])
        for t in range(len(sums)):
            sums[t] += gate_products(hidden[t], weights.recurrent_kernel, factors)
            for gate, z, kind in zip(_split(gates[t]), _split(sums[t]), self._kinds, strict=True):
                gate[...] = kind.function(z)
            i, f, c, o = _split(gates[t])
            new_carry[t] = f * carry[t] + i * c
            output[t] = self.activation.function(new_carry[t])
            carry[t + 1] = where_counted(mask, t, new_carry[t], carry[t])
            hidden[t + 1] = where_counted(mask, t, o * output[t], hidden[t])
        return LstmSaved(gates, hidden, carry, new_carry, output)

    def backward(
        self, d_hidden: Array, d_last: State, steps: Steps, saved: LstmSaved
    ) -> CellGradients:
        sums, weights, mask, _, factors = steps
        gates, hidden, carry, new_carry, output = saved
        d_h, d_c = d_last
        assert d_c is not None
        d_sums = np.empty_like(sums)
        for t in reversed(range(len(sums))):
            d_h = d_h + d_hidden[t]
            i, f, c, o = _split(gates[t])
            d_new = d_c + self.activation.gradient(d_h * o, new_carry[t], output[t])
            d_gates = (d_new * c, d_new * carry[t], d_new * i, d_h * output[t])
            d_z = [
                kind.gradient(d_gate, z, gate)
                for kind, d_gate, z, gate in zip(
                    self._kinds, d_gates, _split(sums[t]), (i, f, c, o), strict=True
                )
            ]
            d_sums[t] = np.concatenate(d_z, axis=1)
            d_sums[t] = where_counted(mask, t, d_sums[t], np.zeros_like(d_sums[t]))
            carried = where_counted(mask, t, np.zeros_like(d_h), d_h)
            d_c = where_counted(mask, t, d_new * f, d_c)
            d_h = d_operand(d_sums[t], weights.recurrent_kernel, factors) + carried
        return CellGradients(d_sums, d_matrix(d_sums, hidden[:-1], factors), State(d_h, d_c))

    @property
    def _kinds(self) -> tuple[Activation, Activation, Activation, Activation]:
        """The activations of the gates."""
        recurrent = self.recurrent_activation
        return recurrent, recurrent, self.activation, recurrent


def _split(gates: Array) -> list[Array]:
    """Views of the four gates."""
    return np.split(gates, 4, axis=1)
