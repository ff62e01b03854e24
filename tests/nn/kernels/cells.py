"""The cells, plain and fast side by side, with random inputs of any size."""

from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.activations import activation_of
from hoiquy.nn.kernels import RecurrentKernel, RecurrentWeights, State
from hoiquy.nn.kernels.fast import recurrent as fast
from hoiquy.nn.kernels.plain.gru import GruCell
from hoiquy.nn.kernels.plain.gru_reset_before import GruResetBeforeCell
from hoiquy.nn.kernels.plain.lstm import LstmCell
from hoiquy.nn.kernels.plain.recurrent import PlainRecurrent
from hoiquy.nn.kernels.plain.simple_rnn import SimpleRnnCell

Array = NDArray[Any]


class Pair(NamedTuple):
    """One cell: its gates, its two implementations, whether it has two states, its biases."""

    gates: int
    plain: RecurrentKernel
    fast: RecurrentKernel
    has_carry: bool = False
    biases: int = 1


def pair(cell: str, activation: str = "tanh", recurrent_activation: str = "sigmoid") -> Pair:
    """A cell of the fast kernels with these activations."""
    fast_kernel = fast.recurrent(cell, activation, recurrent_activation)
    kinds = [activation_of(activation), activation_of(recurrent_activation)]
    if cell == "simple_rnn":
        return Pair(1, PlainRecurrent(SimpleRnnCell(kinds[0])), fast_kernel)
    if cell == "lstm":
        return Pair(4, PlainRecurrent(LstmCell(*kinds)), fast_kernel, has_carry=True)
    if cell == "gru":
        return Pair(3, PlainRecurrent(GruCell(*kinds)), fast_kernel, biases=2)
    return Pair(3, PlainRecurrent(GruResetBeforeCell(*kinds)), fast_kernel)


CELLS = {
    "simple_rnn tanh": pair("simple_rnn"),
    "simple_rnn relu": pair("simple_rnn", "relu"),
    "lstm": pair("lstm"),
    "gru": pair("gru"),
    "gru reset before": pair("gru_reset_before"),
}


def random_weights(
    cell: Pair, inputs: int, units: int, rng: Generator, dtype: DTypeLike = np.float32
) -> RecurrentWeights:
    """Weights that keep the size of what runs through them, whatever the size of the layer."""
    columns = cell.gates * units
    shapes = [(inputs, columns), (units, columns), (2, columns) if cell.biases == 2 else (columns,)]
    scales = [inputs**-0.5, units**-0.5, 0.5]
    drawn = zip(scales, shapes, strict=True)
    return RecurrentWeights(*(rng.normal(0, s, shape).astype(dtype) for s, shape in drawn))


def random_mask(kind: str, time: int, batch: int, rng: Generator) -> NDArray[np.bool_] | None:
    """None, or steps that count: a part on one side, or any; some documents may have none."""
    if kind == "none":
        return None
    step, length = np.arange(time)[:, None], rng.integers(0, time + 1, batch)
    sides = {"left": step >= time - length, "right": step < length}
    return sides.get(kind, rng.random((time, batch)) < 0.5)


def random_state(cell: Pair, batch: int, units: int, rng: Generator) -> State:
    """States to begin with, of the size that states have."""
    drawn = rng.uniform(-1, 1, (2, batch, units)).astype(np.float32)
    return State(drawn[0], drawn[1] if cell.has_carry else None)


class Outcome(NamedTuple):
    """All that a forward and a backward pass compute."""

    hidden: Array
    last: State
    d_x: Array | None
    d_weights: RecurrentWeights
    d_initial: State


def run(
    cell: Pair, kind: str, x: Array, weights: RecurrentWeights, mask: Any, d_hidden: Array,
    want_d_x: bool = True, d_last: State | None = None, **options: Any,
) -> Outcome:  # fmt: skip
    """Run one implementation, "plain" or "fast", forward and backward."""
    kernel = cell.plain if kind == "plain" else cell.fast
    options.setdefault("sequences", d_hidden.ndim == 3)
    hidden, saved = kernel.forward(x, weights, mask, **options)
    hidden, last = hidden.copy(), kernel.last_states(saved)
    gradients = kernel.backward(d_hidden, weights, saved, want_d_x=want_d_x, d_last=d_last)
    return Outcome(hidden, last, *gradients)
