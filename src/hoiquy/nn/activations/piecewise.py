"""Activations of single entries with corners: relu and its relatives."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hoiquy.nn.activations.base import Activation
from hoiquy.nn.kernels import Array


def relu(
    negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Activation:
    """x above the threshold, at most max_value; below it negative_slope (x - threshold)."""

    def function(x: Array) -> Array:
        kind = x.dtype.type
        if not (negative_slope or threshold):
            return np.asarray(np.clip(x, kind(0), None if max_value is None else kind(max_value)))
        kept = np.where(x > threshold, x, 0).astype(x.dtype)
        if max_value is not None:
            kept = np.clip(kept, kind(0), kind(max_value))
        return np.asarray(kept - kind(negative_slope) * np.maximum(kind(threshold) - x, 0))

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        kept = (x > threshold) if max_value is None else (x > threshold) & (x < max_value)
        if not negative_slope:
            return d_y * kept
        slope = d_y.dtype.type(negative_slope)
        return np.asarray(d_y * np.where(x <= threshold, slope, kept.astype(d_y.dtype)))

    return Activation("relu", function, gradient)


def leaky_relu(negative_slope: float = 0.2) -> Activation:
    """x, or negative_slope x below 0."""
    whole = relu(negative_slope)
    return Activation("leaky_relu", whole.function, whole.gradient)


def _between(
    name: str, low: float, high: float, function: Callable[[Array], Any], slope: float = 1.0
) -> Activation:
    """A function that is constant outside (low, high) and has one slope within."""

    def gradient(d_y: Array, x: Array, y: Array) -> Array:
        return d_y * ((x > low) & (x < high)) * d_y.dtype.type(slope)

    return Activation(name, lambda x: np.asarray(function(x)), gradient)


def _hard_sigmoid(x: Array) -> Array:
    return np.asarray(np.clip(x + 3, 0, 6) / 6)


def _hard_silu_gradient(d_y: Array, x: Array, y: Array) -> Array:
    inner = x / 6 * ((x > -3) & (x < 3))
    return d_y * (_hard_sigmoid(x) + inner)


def _sparse_plus(x: Array) -> Array:
    inner = np.square(np.clip(x, -1, 1) + 1) / 4
    return np.where(x >= 1, x, inner)


def _sparse_plus_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(d_y * np.clip((x + 1) / 2, 0, 1))


def soft_shrink(threshold: float = 0.5) -> Activation:
    """x moved towards 0 by the threshold."""

    def function(x: Array) -> Array:
        limit = x.dtype.type(threshold)
        return np.asarray(x - np.clip(x, -limit, limit))

    return Activation("soft_shrink", function, lambda d_y, x, y: d_y * (np.abs(x) > threshold))


def hard_shrink(threshold: float = 0.5) -> Activation:
    """x, or 0 within ± threshold."""

    def factor(x: Array) -> Any:
        return np.abs(x) > threshold

    return Activation("hard_shrink", lambda x: x * factor(x), lambda d_y, x, y: d_y * factor(x))


def threshold(threshold: float, default_value: float) -> Activation:
    """x above the threshold, else the default."""

    def function(x: Array) -> Array:
        return np.where(x > threshold, x, x.dtype.type(default_value))

    return Activation("threshold", function, lambda d_y, x, y: d_y * (x > threshold))


_relu6 = relu(max_value=6.0)

PIECEWISE = (
    Activation("linear", lambda x: x, lambda d_y, x, y: d_y),
    relu(),
    leaky_relu(),
    Activation("relu6", _relu6.function, _relu6.gradient),
    _between("hard_sigmoid", -3, 3, _hard_sigmoid, 1 / 6),
    _between("hard_tanh", -1, 1, lambda x: np.clip(x, -1, 1)),
    _between("sparse_sigmoid", -1, 1, lambda x: np.clip((x + 1) / 2, 0, 1), 1 / 2),
    Activation("hard_silu", lambda x: x * _hard_sigmoid(x), _hard_silu_gradient),
    Activation("sparse_plus", _sparse_plus, _sparse_plus_gradient),
    soft_shrink(),
    hard_shrink(),
)
