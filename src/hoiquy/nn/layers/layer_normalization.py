"""LayerNormalization (Ba et al. 2016) and UnitNormalization: of each row alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import Initializer, Ones, Zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape

Axes = int | tuple[int, ...]
_LEAST_UNIT_LENGTH = 1e-12


@dataclass
class LayerNormalization(Layer):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over the axes of each row.

    center, scale: whether there are beta and gamma, which have a number for each place.
    """

    axis: Axes = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    gamma_initializer: Initializer = field(default_factory=Ones)
    beta_initializer: Initializer = field(default_factory=Zeros)

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        (shape,) = self.output_shapes(shapes)
        sizes = self.known_sizes(shape, positive_axes(self.axis, len(shape)))
        if self.scale:
            self.add_parameter("gamma", sizes, self.gamma_initializer, rng, dtype)
        if self.center:
            self.add_parameter("beta", sizes, self.beta_initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        check_axes(self, shapes[0], self.axis)
        for parameter in self.parameters.values():
            axes = positive_axes(self.axis, len(shapes[0]))
            for axis, size in zip(axes, parameter.shape, strict=True):
                self.require_size(shapes[0], axis, size)
        return (shapes[0],)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        axes = positive_axes(self.axis, x.ndim)
        mean = x.mean(axis=axes, keepdims=True)
        variance = x.var(axis=axes, keepdims=True)
        inverse = 1 / np.sqrt(variance + x.dtype.type(self.epsilon))
        unit = (x - mean) * inverse
        shape = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
        others = tuple(axis for axis in range(x.ndim) if axis not in axes)
        gamma, beta = (self.parameters.get(key) for key in ("gamma", "beta"))
        y = unit if gamma is None else unit * gamma.reshape(shape)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            gradients: Gradients = {}
            if gamma is not None:
                gradients["gamma"] = (d_y * unit).sum(axis=others)
            if beta is not None:
                gradients["beta"] = d_y.sum(axis=others)
            d_unit = d_y if gamma is None else d_y * gamma.reshape(shape)
            along = (d_unit * unit).mean(axis=axes, keepdims=True)
            d_x = inverse * (d_unit - d_unit.mean(axis=axes, keepdims=True) - unit * along)
            return d_x, gradients

        return (y if beta is None else y + beta.reshape(shape)), backward


@dataclass
class UnitNormalization(Layer):
    """x divided by its length over the axes of each row."""

    axis: Axes = -1

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        check_axes(self, shapes[0], self.axis)
        return (shapes[0],)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        axes = positive_axes(self.axis, x.ndim)
        length = lengths(x, axes, _LEAST_UNIT_LENGTH)
        unit = x / length
        return unit, lambda d_y: (through_lengths(d_y, unit, length, axes), {})


def positive_axes(axes: Axes, rank: int) -> tuple[int, ...]:
    """The axes in order, none of them negative."""
    several = (axes,) if isinstance(axes, int) else axes
    return tuple(sorted(axis % rank for axis in several))


def check_axes(layer: Layer, shape: Shape, axes: Axes) -> None:
    """Raise ShapeError unless an input of this shape has the axes, the batch not among them."""
    rank = len(shape)
    several = (axes,) if isinstance(axes, int) else axes
    if any(not -rank <= axis < rank or axis % rank == 0 for axis in several):
        raise layer.refuse_shape(shape, f"an array with the axis {axes}, not the batch")


def lengths(x: Array, axes: Axes, least: float) -> Array:
    """The lengths of the vectors along the axes, at least `least`."""
    found = np.sqrt((x * x).sum(axis=axes, keepdims=True))
    return np.asarray(np.maximum(found, x.dtype.type(least)))


def through_lengths(d_unit: Array, unit: Array, length: Array, axes: Axes) -> Array:
    """The gradient of x, given that of unit = x / length."""
    along = (d_unit * unit).sum(axis=axes, keepdims=True)
    return np.asarray((d_unit - unit * along) / length)
