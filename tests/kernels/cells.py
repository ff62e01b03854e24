"""The three cells, plain and fast side by side, with random inputs of any size."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.kernels import RecurrentWeights
from hoiquy.kernels.fast import gru as fast_gru
from hoiquy.kernels.fast import lstm as fast_lstm
from hoiquy.kernels.fast import simple_rnn as fast_simple_rnn
from hoiquy.kernels.plain import gru, lstm, simple_rnn

Array = NDArray[Any]


class Pair(NamedTuple):
    """One cell: its number of gates, its options, its two implementations."""

    gates: int
    options: dict[str, Any]
    module: Any  # where the compiled functions of the fast one live
    plain: tuple[Callable[..., Any], Callable[..., Any]]
    fast: tuple[Callable[..., Any], Callable[..., Any]]


def _pair(name: str, gates: int, plain: Any, fast: Any, **options: Any) -> Pair:
    forward, backward = f"{name}_forward", f"{name}_backward"
    both = [(getattr(home, forward), getattr(home, backward)) for home in (plain, fast)]
    return Pair(gates, options, fast, *both)


CELLS = {
    "simple_rnn tanh": _pair("simple_rnn", 1, simple_rnn, fast_simple_rnn, activation="tanh"),
    "simple_rnn relu": _pair("simple_rnn", 1, simple_rnn, fast_simple_rnn, activation="relu"),
    "lstm": _pair("lstm", 4, lstm, fast_lstm),
    "gru": _pair("gru", 3, gru, fast_gru),
}


def random_weights(
    gates: int, inputs: int, units: int, rng: Generator, dtype: DTypeLike = np.float32
) -> RecurrentWeights:
    """Weights that keep the size of what runs through them, whatever the size of the layer."""
    columns = gates * units
    shapes = [(inputs, columns), (units, columns), (2, columns) if gates == 3 else (columns,)]
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


class Outcome(NamedTuple):
    """All that a forward and a backward pass compute."""

    hidden: Array
    d_x: Array | None
    d_weights: RecurrentWeights


def run(
    cell: Pair, kind: str, x: Array, weights: RecurrentWeights, mask: Any, d_hidden: Array,
    want_d_x: bool = True,
) -> Outcome:  # fmt: skip
    """Run one implementation, "plain" or "fast", forward and backward."""
    forward, backward = cell.plain if kind == "plain" else cell.fast
    hidden, saved = forward(x, weights, mask, **cell.options)
    hidden = hidden.copy()
    return Outcome(hidden, *backward(d_hidden, weights, saved, want_d_x=want_d_x))
