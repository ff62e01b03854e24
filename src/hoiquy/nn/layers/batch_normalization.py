"""BatchNormalization (Ioffe and Szegedy 2015), as Keras 3 computes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import Initializer, Ones, Zeros
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape

_LEAST_COUNT = 1e-7  # added to the number of steps that count, as in Keras


class _Moments(NamedTuple):
    """mean, variance: of each feature. weights: of each number in both; n: their sum."""

    mean: Array
    variance: Array
    weights: Array
    n: float


@dataclass
class BatchNormalization(Layer):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, by feature.

    In training, mean and variance are those of the batch, of the steps that count; the moving
    averages follow them. At inference, and in a frozen layer, they are the moving averages.

    axis: of the features.
    center, scale: whether there are beta and gamma.
    """

    axis: int = -1
    momentum: float = 0.99
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    gamma_initializer: Initializer = field(default_factory=Ones)
    beta_initializer: Initializer = field(default_factory=Zeros)

    @property
    def couples_rows(self) -> bool:
        return self.trainable

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        (shape,) = self.output_shapes(shapes)
        sizes = self.known_sizes(shape, [self.axis])
        if self.scale:
            self.add_parameter("gamma", sizes, self.gamma_initializer, rng, dtype)
        if self.center:
            self.add_parameter("beta", sizes, self.beta_initializer, rng, dtype)
        self.add_parameter("moving_mean", sizes, Zeros(), rng, dtype, trained=False)
        self.add_parameter("moving_variance", sizes, Ones(), rng, dtype, trained=False)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        rank = len(shapes[0])
        if not -rank <= self.axis < rank or self.axis % rank == 0:
            raise self.refuse_shape(shapes[0], f"features along axis {self.axis}, not the batch")
        if "moving_mean" in self.state:
            self.require_size(shapes[0], self.axis, len(self.state["moving_mean"]))
        return (shapes[0],)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        x = np.moveaxis(x, self.axis, -1)
        trains = rng is not None and self.trainable
        if trains:
            moments = _moments_of(x, mask if self.axis in (-1, x.ndim - 1) else None)
            self._follow(moments)
            mean, variance = moments.mean, moments.variance
        else:
            moments = None
            mean, variance = self.state["moving_mean"], self.state["moving_variance"]
        inverse = 1 / np.sqrt(variance + x.dtype.type(self.epsilon))
        unit = (x - mean) * inverse
        gamma = self.parameters.get("gamma", np.ones_like(mean))
        y = unit * gamma + self.parameters.get("beta", np.zeros_like(mean))
        all_but_features = tuple(range(x.ndim - 1))

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_y = np.moveaxis(d_y, self.axis, -1)
            gradients: Gradients = {}
            if self.scale:
                gradients["gamma"] = (d_y * unit).sum(axis=all_but_features)
            if self.center:
                gradients["beta"] = d_y.sum(axis=all_but_features)
            d_unit = d_y * gamma
            d_x = d_unit * inverse
            if moments is not None:
                d_x += _through_moments(d_unit, unit, x - mean, inverse, moments)
            return np.moveaxis(d_x, -1, self.axis), gradients

        return np.moveaxis(y, -1, self.axis), backward

    def _follow(self, moments: _Moments) -> None:
        """Move the moving averages, in place, towards the moments of a batch."""
        for key, value in (
            ("moving_mean", moments.mean),
            ("moving_variance", moments.variance),
        ):
            moving = self.state[key]
            moving *= moving.dtype.type(self.momentum)
            moving += moving.dtype.type(1 - self.momentum) * value


def _moments_of(x: Array, mask: Mask | None) -> _Moments:
    """Of x (..., features), in float64 inside."""
    axes = tuple(range(x.ndim - 1))
    if mask is None:
        weights = np.ones((1,) * x.ndim, x.dtype)
        count = float(np.prod(x.shape[:-1]))
    else:
        weights = mask.reshape(*mask.shape, *[1] * (x.ndim - mask.ndim)).astype(x.dtype)
        count = float(mask.sum()) * float(np.prod(x.shape[mask.ndim : -1])) + _LEAST_COUNT
    mean = ((x * weights).sum(axis=axes, dtype=np.float64) / count).astype(x.dtype)
    squares = np.square(x - mean) * weights
    variance = (squares.sum(axis=axes, dtype=np.float64) / count).astype(x.dtype)
    return _Moments(mean, variance, weights, count)


def _through_moments(
    d_unit: Array, unit: Array, centred: Array, inverse: Array, moments: _Moments
) -> Array:
    """The part of the gradient of x that comes through the mean and the variance."""
    axes, count = tuple(range(unit.ndim - 1)), unit.dtype.type(moments.n)
    d_variance = -(d_unit * unit).sum(axis=axes) * inverse * inverse / 2
    # Without a mask the second sum is 0; with one, the mean is not quite that of the steps.
    d_mean = -d_unit.sum(axis=axes) * inverse
    d_mean -= 2 * d_variance * (moments.weights * centred).sum(axis=axes) / count
    return np.asarray(moments.weights * (2 * d_variance * centred + d_mean) / count)
