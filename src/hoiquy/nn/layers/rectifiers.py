"""Rectifiers as layers: ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.activations import Activation, elu, leaky_relu, relu, threshold
from hoiquy.nn.initializers import Initializer, Zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape


@dataclass
class _Rectifier(Layer):
    """A function of each number alone."""

    @property
    @abstractmethod
    def function(self) -> Activation:
        """The function with its gradient."""

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        function = self.function
        y = function(x)
        return y, lambda d_y: (function.gradient(d_y, x, y), {})


@dataclass
class ReLU(_Rectifier):
    """x above the threshold, negative_slope * (x - threshold) below, at most max_value."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0

    @property
    def function(self) -> Activation:
        return relu(self.negative_slope, self.max_value, self.threshold)


@dataclass
class LeakyReLU(_Rectifier):
    """x, negative_slope * x below 0 (Maas et al. 2013)."""

    negative_slope: float = 0.3

    @property
    def function(self) -> Activation:
        return leaky_relu(self.negative_slope)


@dataclass
class ELU(_Rectifier):
    """x, alpha * (exp(x) - 1) below 0 (Clevert et al. 2016)."""

    alpha: float = 1.0

    @property
    def function(self) -> Activation:
        return elu(self.alpha)


@dataclass
class ThresholdedReLU(_Rectifier):
    """x above theta, else 0 (Konda et al. 2015); in Keras 2 only."""

    theta: float = 1.0

    @property
    def function(self) -> Activation:
        return threshold(self.theta, 0.0)


@dataclass
class PReLU(Layer):
    """x, alpha * x below 0 with a trained alpha for each place (He et al. 2015).

    shared_axes: axes, from 1, along which all places share one alpha.
    """

    initializer: Initializer = field(default_factory=Zeros)
    shared_axes: tuple[int, ...] = ()

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        shape = []
        for axis, size in enumerate(shapes[0][1:], 1):
            if axis not in self.shared_axes and size is None:
                expected = f"a known size of axis {axis}, or {axis} among the shared axes"
                raise self.refuse_shape(shapes[0], expected)
            shape.append(1 if axis in self.shared_axes or size is None else size)
        self.add_parameter("alpha", tuple(shape), self.initializer, rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if "alpha" in self.parameters:
            for axis, size in enumerate(self.parameters["alpha"].shape, 1):
                if axis not in self.shared_axes:
                    self.require_size(shapes[0], axis, size)
        return tuple(shapes)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        alpha = self.parameters["alpha"]
        negative = np.minimum(x, 0)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            shared = (0, *(axis for axis, size in enumerate(alpha.shape, 1) if size == 1))
            d_alpha = (d_y * negative).sum(axis=shared).reshape(alpha.shape)
            return d_y * np.where(x < 0, alpha, x > 0), {"alpha": d_alpha}

        return np.maximum(x, 0) + alpha * negative, backward
