"""Dropout of a recurrent layer's inputs and states: factors drawn once for a whole sequence.

Gal and Ghahramani 2016. As in Keras, all gates of an LSTM or GRU drop the same inputs unless the
layer has recurrent dropout; then each gate has its own factors of the inputs and of the state.
"""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array
from hoiquy.nn.layers.dropout import dropout_factors


class Factors(NamedTuple):
    """Factors as the kernels take them; None where nothing is dropped.

    inputs: (batch, inputs) or (gates, batch, inputs). state: (gates, batch, units).
    """

    inputs: Array | None = None
    state: Array | None = None


class DropoutRates(NamedTuple):
    """What a layer drops.

    gates: of the cell. by_gate: whether each gate has its own factors.
    """

    inputs: float
    state: float
    gates: int
    by_gate: bool

    def draw(self, x: Array, units: int, rng: Generator | None) -> Factors:
        """Factors for x (batch, time, inputs) and a state of so many units; none without rng."""
        if rng is None:
            return Factors()
        batch, features = len(x), x.shape[-1]
        gates = (self.gates,) if self.by_gate else ()
        state_gates = self.gates if self.by_gate else 1
        return Factors(
            self._drawn(self.inputs, (*gates, batch, features), rng, x),
            self._drawn(self.state, (state_gates, batch, units), rng, x),
        )

    def _drawn(
        self, rate: float, shape: tuple[int, ...], rng: Generator, like: Array
    ) -> Array | None:
        if rate <= 0:
            return None
        if rate >= 1:  # Keras' LSTM and GRU then drop nothing
            return np.zeros(shape, like.dtype) if self.gates == 1 else None
        return dropout_factors(shape, rate, rng, like)
