"""SimpleRNN in plain NumPy: h_t = activation(x_t W + h_{t-1} U + b) (Elman 1990).

The compiled step is in `nn/kernels/fast/jit/simple_rnn.py`.
"""

from typing import NamedTuple

import numpy as np

from hoiquy.nn.kernels.plain.cell import CellGradients, Steps, states, where_counted
from hoiquy.nn.kernels.plain.gate_products import d_matrix, d_operand, gate_products
from hoiquy.nn.kernels.types import Activation, Array, State


class SimpleRnnSaved(NamedTuple):
    """What the backward pass needs."""

    hidden: Array  # (time + 1, batch, units), the initial state first
    carry: None = None


class SimpleRnnCell(NamedTuple):
    """The cell; see `PlainCell`."""

    activation: Activation

    def forward(self, steps: Steps) -> SimpleRnnSaved:
        sums, weights, mask, initial, factors = steps
        hidden = states(steps, None if initial is None else initial.hidden)
        for t in range(len(sums)):
            sums[t] += gate_products(hidden[t], weights.recurrent_kernel, factors)
            new = self.activation.function(sums[t])
            hidden[t + 1] = where_counted(mask, t, new, hidden[t])
        return SimpleRnnSaved(hidden)

    def backward(
        self, d_hidden: Array, d_last: State, steps: Steps, saved: SimpleRnnSaved
    ) -> CellGradients:
        sums, weights, mask, _, factors = steps
        hidden, d_h = saved.hidden, d_last.hidden
        d_sums = np.empty_like(sums)
        for t in reversed(range(len(sums))):
            d_h = d_h + d_hidden[t]
            d_new = self.activation.gradient(d_h, sums[t], hidden[t + 1])
            d_sums[t] = where_counted(mask, t, d_new, np.zeros_like(d_h))
            carried = where_counted(mask, t, np.zeros_like(d_h), d_h)
            d_h = d_operand(d_sums[t], weights.recurrent_kernel, factors) + carried
        return CellGradients(d_sums, d_matrix(d_sums, hidden[:-1], factors), State(d_h))
