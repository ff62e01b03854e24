"""GroupNormalization (Wu and He 2018) and RMSNormalization (Zhang and Sennrich 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import Initializer, Ones, Zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.layer_normalization import Axes, check_axes, positive_axes


@dataclass
class GroupNormalization(Layer):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over all of a row but other groups.

    groups: how many equal parts the features along the axis have; -1 for one a feature.
    """

    groups: int = 32
    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    gamma_initializer: Initializer = field(default_factory=Ones)
    beta_initializer: Initializer = field(default_factory=Zeros)

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        (shape,) = self.output_shapes(shapes)
        sizes = self.known_sizes(shape, [self.axis])
        if self.scale:
            self.add_parameter("gamma", sizes, self.gamma_initializer, rng, dtype)
        if self.center:
            self.add_parameter("beta", sizes, self.beta_initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        (shape,) = shapes
        check_axes(self, shape, self.axis)
        size = shape[self.axis]
        if size is not None and (self._groups_of(size) < 1 or size % self._groups_of(size)):
            raise self.refuse_shape(
                shape, f"a size of axis {self.axis} that {self.groups} groups divide evenly"
            )
        for parameter in self.parameters.values():
            self.require_size(shape, self.axis, len(parameter))
        return (shape,)

    def _groups_of(self, size: int) -> int:
        return size if self.groups == -1 else self.groups

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        moved = np.moveaxis(x, self.axis, -1)
        groups = self._groups_of(moved.shape[-1])
        grouped = moved.reshape(*moved.shape[:-1], groups, -1)
        axes = (*range(1, grouped.ndim - 2), grouped.ndim - 1)
        mean = grouped.mean(axis=axes, keepdims=True)
        inverse = 1 / np.sqrt(grouped.var(axis=axes, keepdims=True) + x.dtype.type(self.epsilon))
        of_groups = (grouped - mean) * inverse
        unit = of_groups.reshape(moved.shape)
        gamma, beta = (self.parameters.get(key) for key in ("gamma", "beta"))
        y = unit if gamma is None else unit * gamma
        y = y if beta is None else y + beta
        others = tuple(range(x.ndim - 1))

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_y = np.moveaxis(d_y, self.axis, -1)
            gradients: Gradients = {}
            if gamma is not None:
                gradients["gamma"] = (d_y * unit).sum(axis=others)
            if beta is not None:
                gradients["beta"] = d_y.sum(axis=others)
            d_unit = (d_y if gamma is None else d_y * gamma).reshape(grouped.shape)
            along = (d_unit * of_groups).mean(axis=axes, keepdims=True)
            d_x = inverse * (d_unit - d_unit.mean(axis=axes, keepdims=True) - of_groups * along)
            return np.moveaxis(d_x.reshape(moved.shape), -1, self.axis), gradients

        return np.moveaxis(y, -1, self.axis), backward


@dataclass
class RMSNormalization(Layer):
    """scale x / sqrt(mean of x² + epsilon), over the axes of each row.

    The mask ends here, as in Keras.
    """

    axis: Axes = -1
    epsilon: float = 1e-6

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return None

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        (shape,) = self.output_shapes(shapes)
        sizes = self.known_sizes(shape, positive_axes(self.axis, len(shape)))
        self.add_parameter("scale", sizes, Ones(), rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        check_axes(self, shapes[0], self.axis)
        if "scale" in self.parameters:
            axes, sizes = positive_axes(self.axis, len(shapes[0])), self.parameters["scale"].shape
            for axis, size in zip(axes, sizes, strict=True):
                self.require_size(shapes[0], axis, size)
        return (shapes[0],)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        axes = positive_axes(self.axis, x.ndim)
        square = np.square(x).mean(axis=axes, keepdims=True)
        inverse = 1 / np.sqrt(square + x.dtype.type(self.epsilon))
        unit = x * inverse
        scale = self.parameters["scale"]
        wide = scale.reshape([size if axis in axes else 1 for axis, size in enumerate(x.shape)])
        others = tuple(axis for axis in range(x.ndim) if axis not in axes)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_unit = d_y * wide
            along = (d_unit * unit).mean(axis=axes, keepdims=True)
            gradients: Gradients = {"scale": (d_y * unit).sum(axis=others)}
            return inverse * (d_unit - unit * along), gradients

        return unit * wide, backward
