"""Central differences: what a backward pass says, against what the forward pass does."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import RowGradient
from hoiquy.training.tables import with_tables

Array = NDArray[np.float64]

STEP = 1e-5  # the difference is wrong by about STEP² from curvature and 1e-16 / STEP from rounding
TOLERANCE = 1e-7
SMALL = 40  # arrays up to this size are also checked entry by entry
DIRECTIONS = 4


def dense(gradients: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Gradients as arrays of their parameters' shapes, those of single rows too."""
    return {
        name: one.dense(len(parameters[name])) if isinstance(one, RowGradient) else one
        for name, one in with_tables(gradients).items()
    }


def assert_gradients(
    loss: Callable[[], float],
    variables: Mapping[str, Array],
    gradients: Mapping[str, Array],
    rng: np.random.Generator,
    small: int = SMALL,
) -> None:
    """Raise AssertionError unless `gradients` are those of `loss()` at each variable.

    The variables are float64, read by `loss` each time it is called; they are moved in place and
    put back. A random direction tells any wrong entry apart; the single entries say which it is.
    """
    assert gradients.keys() == variables.keys()
    for name, variable in variables.items():
        gradient = gradients[name]
        assert variable.dtype == gradient.dtype == np.float64, name
        assert variable.shape == gradient.shape, name
        for direction in _directions(variable, rng, small):
            expected = _difference(loss, variable, direction)
            told = float(np.vdot(gradient, direction))
            error = abs(told - expected) / (1 + abs(expected))
            places = np.argwhere(direction).tolist()
            where = f"{name}{places[0]}" if len(places) == 1 else name
            assert error < TOLERANCE, f"gradient of {where}: {told} told, {expected} measured"


def assert_layer_gradients(
    layer: Any,
    x: NDArray[Any],
    mask: NDArray[np.bool_] | None,
    new_rng: Callable[[], np.random.Generator | None],
    rng: np.random.Generator,
) -> None:
    """Check the gradient of every parameter of a layer and, unless x holds indices, of x.

    new_rng: makes the generator that the layer drops with, in the same state each time.
    """
    y, backward = layer.forward(x, mask, new_rng())
    d_y = rng.standard_normal(y.shape)
    d_x, gradients = backward(d_y)
    gradients = dense(gradients, layer.parameters)
    variables = dict(layer.parameters)
    if x.dtype.kind == "f":
        variables["x"] = x
        gradients = {**gradients, "x": d_x}

    def loss() -> float:
        return float(np.vdot(layer.forward(x, mask, new_rng())[0], d_y))

    assert_gradients(loss, variables, gradients, rng)
    for name, gradient in gradients.items():
        assert gradient.any(), f"gradient of {name}: all zeros are no check"


def _directions(variable: Array, rng: np.random.Generator, small: int) -> Iterator[Array]:
    for _ in range(DIRECTIONS):
        yield rng.standard_normal(variable.shape) / np.sqrt(variable.size)
    if variable.size <= small:
        for entry in range(variable.size):
            direction = np.zeros(variable.size)
            direction[entry] = 1
            yield direction.reshape(variable.shape)


def _difference(loss: Callable[[], float], variable: Array, direction: Array) -> float:
    before = variable.copy()
    variable[...] = before + STEP * direction
    above = loss()
    variable[...] = before - STEP * direction
    below = loss()
    variable[...] = before
    return (above - below) / (2 * STEP)
