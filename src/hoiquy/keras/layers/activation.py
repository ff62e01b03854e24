"""Activations with settings as layers."""

from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import AXES, CONSTRAINT, INITIALIZER, NUMBER, REGULARIZER, Kind, optional
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn


def _shared_axes(value: Any, where: str) -> tuple[int, ...] | None:
    if value is None:
        return None
    return tuple([value] if isinstance(value, int) else value)


class ReLU(Layer):
    """max(x, 0), with a limit, a slope and a threshold."""

    arguments = (
        Argument("max_value", None, optional(Kind())),
        Argument("negative_slope", 0.0, NUMBER),
        Argument("threshold", 0.0, NUMBER),
    )
    nn_class = nn.ReLU


class LeakyReLU(Layer):
    """x, and negative_slope * x below 0."""

    arguments = (Argument("negative_slope", 0.3, NUMBER, old=("alpha",)),)
    nn_class = nn.LeakyReLU


class ELU(Layer):
    """x, and alpha * (exp(x) - 1) below 0."""

    arguments = (Argument("alpha", 1.0, NUMBER),)
    nn_class = nn.ELU


class ThresholdedReLU(Layer):
    """x above theta, else 0."""

    arguments = (Argument("theta", 1.0, NUMBER),)
    nn_class = nn.ThresholdedReLU


class Softmax(Layer):
    """exp(x) over its sum along axes."""

    arguments = (Argument("axis", -1, AXES),)
    nn_class = nn.Softmax


class PReLU(Layer):
    """x, and alpha * x below 0 with trained alphas."""

    arguments = (
        Argument("alpha_initializer", "zeros", INITIALIZER, old=("init",), field="initializer"),
        Argument("alpha_regularizer", None, REGULARIZER),
        Argument("alpha_constraint", None, CONSTRAINT),
        Argument("shared_axes", None, Kind(_shared_axes, lambda axes: axes or ())),
    )
    nn_class = nn.PReLU
