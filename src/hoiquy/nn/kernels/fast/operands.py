"""What the loops over time of the recurrent cells take: the cell by numbers, and arrays.

An empty array means that there is none. Work arrays are of any content, unless it says otherwise:
compiled code allocates nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import FAST_ACTIVATIONS, Array, Mask

SIMPLE_RNN, LSTM, GRU, GRU_RESET_BEFORE = range(4)
CELLS = {"simple_rnn": SIMPLE_RNN, "lstm": LSTM, "gru": GRU, "gru_reset_before": GRU_RESET_BEFORE}
GATES = {SIMPLE_RNN: 1, LSTM: 4, GRU: 3, GRU_RESET_BEFORE: 3}
(
    TANH, SIGMOID, RELU, LINEAR, HARD_SIGMOID, SOFTSIGN, ELU, SELU, SOFTPLUS, LEAKY_RELU,
    RELU6, HARD_TANH,
) = range(len(FAST_ACTIVATIONS))  # fmt: skip
GRU_GATES = 3
INPUT_ROWS = 64  # rows, over several steps, that are multiplied by W at once
GRADIENT_DEPTH = 256  # rows, over several steps, whose weight gradients are added at once


class Cell(NamedTuple):
    """A cell and its activations, by the numbers above."""

    kind: int
    activation: int
    recurrent_activation: int = SIGMOID


class Inputs(NamedTuple):
    """What a pass reads at each step: x, or the rows of a table."""

    x: Array  # (time, input blocks, rows, 8)
    table: Array  # (table rows, 8 * blocks of the parts that W covers): x W + bias; or empty
    indices: NDArray[np.int32]  # (time, rows): the row of the table; or empty
    mask: Mask  # (time, rows), False where the states are carried over; or empty


class Packed(NamedTuple):
    """Weights of a forward pass."""

    kernel: Array  # packed (padded inputs, parts of W * padded units)
    recurrent: Array  # packed (padded units, parts of U * padded units)
    bias: Array  # (parts of W * padded units,)
    inner_bias: Array  # (padded units,), or empty


class PackedTransposes(NamedTuple):
    """Transposed weights of a backward pass."""

    kernel: Array  # packed (parts of W * padded units, padded inputs)
    recurrent: Array  # packed (parts of U * padded units, padded units)


class Activations(NamedTuple):
    """What a forward pass fills; slot 0 of hidden and carry holds the initial states."""

    parts: Array  # (slots, part blocks, rows, 8)
    hidden: Array  # (slots, unit blocks, rows, 8)
    carry: Array  # as hidden, the LSTM's cell state; or empty


class StateGradients(NamedTuple):
    """Gradients of the states; a backward pass turns those of the last into those of the first."""

    d_hidden: Array  # (time, unit blocks, rows, 8), of the outputs of all steps; or empty
    d_h: Array  # (unit blocks, rows, 8)
    d_c: Array  # as d_h, of the LSTM's cell state; or empty
    carried: Array  # work, zeros as d_h
    d_c_before: Array  # work, as d_c
    slopes: Array  # work, (part blocks, rows, 8): see the cells; or empty


class LayerGradients(NamedTuple):
    """What a backward pass fills (d_x) and adds to (the others)."""

    d_x: Array  # as `Inputs.x`; or empty
    d_kernel: Array  # (part blocks, padded inputs, 8)
    d_recurrent: Array  # (part blocks, padded units, 8)
    d_bias: Array  # (part blocks, 8)


class GateFactors(NamedTuple):
    """Factors of each gate, blocked, by which inputs and states are multiplied."""

    inputs: Array  # (gates, input blocks, rows, 8)
    state: Array  # (gates, unit blocks, rows, 8)


class Dropped(NamedTuple):
    """Work: inputs and states of some steps times the factors of a gate, or their gradients."""

    inputs: Array  # (steps, input blocks, rows, 8)
    state: Array  # (steps, unit blocks, rows, 8)
