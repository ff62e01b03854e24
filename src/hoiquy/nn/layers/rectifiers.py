"""Rectifiers as layers: ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Initializer, Layer, Shape


@dataclass
class _Rectifier(Layer):
    """A function of each number alone."""

    @abstractmethod
    def curve(self, x: Array) -> tuple[Array, Array]:
        """The function and its derivative."""

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        y, slope = self.curve(x)
        return y.astype(x.dtype, copy=False), lambda d_y: (d_y * slope.astype(x.dtype), {})


@dataclass
class ReLU(_Rectifier):
    """x above the threshold, negative_slope * (x - threshold) below, at most max_value."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0

    def curve(self, x: Array) -> tuple[Array, Array]:
        is_above = x > self.threshold
        y = np.where(is_above, x, self.negative_slope * (x - self.threshold))
        slope = np.where(is_above, 1.0, self.negative_slope)
        if self.max_value is None:
            return y, slope
        return np.minimum(y, self.max_value), np.where(x < self.max_value, slope, 0.0)


@dataclass
class LeakyReLU(_Rectifier):
    """x, negative_slope * x below 0 (Maas et al. 2013)."""

    negative_slope: float = 0.3

    def curve(self, x: Array) -> tuple[Array, Array]:
        slope = np.where(x < 0, self.negative_slope, 1.0)
        return x * slope, slope


@dataclass
class ELU(_Rectifier):
    """x, alpha * (exp(x) - 1) below 0 (Clevert et al. 2016)."""

    alpha: float = 1.0

    def curve(self, x: Array) -> tuple[Array, Array]:
        power = self.alpha * np.expm1(np.minimum(x, 0))
        return np.where(x > 0, x, power), np.where(x > 0, 1.0, power + self.alpha)


@dataclass
class ThresholdedReLU(_Rectifier):
    """x above theta, else 0 (Konda et al. 2015); in Keras 2 only."""

    theta: float = 1.0

    def curve(self, x: Array) -> tuple[Array, Array]:
        is_above = x > self.theta
        return x * is_above, is_above.astype(x.dtype)


@dataclass
class PReLU(Layer):
    """x, alpha * x below 0 with a trained alpha for each place (He et al. 2015).

    shared_axes: axes, from 1, along which all places share one alpha.
    """

    initializer: Initializer = zeros
    shared_axes: tuple[int, ...] = ()

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        shape = []
        for axis, size in enumerate(shapes[0][1:], 1):
            if axis not in self.shared_axes and size is None:
                expected = f"a known size of axis {axis}, or {axis} among the shared axes"
                raise self.refuse_shape(shapes[0], expected)
            shape.append(1 if axis in self.shared_axes or size is None else size)
        self.add_parameter("alpha", tuple(shape), self.initializer, rng, dtype)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        alpha = self.parameters["alpha"]
        negative = np.minimum(x, 0)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            shared = (0, *(axis for axis, size in enumerate(alpha.shape, 1) if size == 1))
            d_alpha = (d_y * negative).sum(axis=shared).reshape(alpha.shape)
            return d_y * np.where(x < 0, alpha, x > 0), {"alpha": d_alpha}

        return np.maximum(x, 0) + alpha * negative, backward
