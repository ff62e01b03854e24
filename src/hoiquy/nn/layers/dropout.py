"""Inverted dropout (Srivastava et al. 2014): kept values are scaled up while training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape

_CHOICES = 1 << 16


def _threshold(rate: float) -> tuple[int, float]:
    """How many of 65,536 values drop (the rate, to 1 / 131,072), and the factor for the others."""
    return min(round(rate * _CHOICES), _CHOICES - 1), (1 / (1 - rate) if rate < 1 else 0.0)


def _random_bits(shape: tuple[int, ...], rng: Generator) -> NDArray[np.uint16]:
    """Sixteen random bits per number: a quarter of what a float64 would take."""
    size = int(np.prod(shape))
    words: NDArray[np.uint64] = rng.bit_generator.random_raw(-(-size // 4))
    return words.astype("<u8", copy=False).view("<u2")[:size].reshape(shape)


def dropout_factors(shape: tuple[int, ...], rate: float, rng: Generator, like: Array) -> Array:
    """0 with probability `rate`, else 1 / (1 - rate); dtype of `like`."""
    _, scale = _threshold(rate)
    drop = drop_mask(shape, rate, rng)
    return np.where(drop, like.dtype.type(0), like.dtype.type(scale))


def drop_mask(shape: tuple[int, ...], rate: float, rng: Generator) -> NDArray[np.bool_]:
    """True with probability `rate`."""
    return _random_bits(shape, rng) < _threshold(rate)[0]


@dataclass
class DroppingLayer(Layer):
    """A layer that drops numbers with probability `rate`, while training.

    noise_shape: where it is 1, all numbers along an axis are dropped together; None is the size of
        the input, and so is any number for the batch axis. By default all are independent.
    """

    rate: float = 0.5
    noise_shape: tuple[int | None, ...] | None = None

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        shape, noise_shape = shapes[0], self.noise_shape
        if noise_shape is not None:
            pairs = list(zip(noise_shape[1:], shape[1:], strict=False))
            if len(noise_shape) != len(shape) or any(
                n not in (None, 1) and size not in (None, n) for n, size in pairs
            ):
                raise self.refuse_shape(shape, f"one that fits the noise shape {noise_shape}")
        return (shape,)

    def shape_of_noise(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the noise for an input of this shape, which may be a part of a batch."""
        if self.noise_shape is None:
            return shape
        noise = [size if n is None else n for n, size in zip(self.noise_shape, shape, strict=True)]
        return (noise[0] if noise[0] == 1 else shape[0], *noise[1:])


@dataclass
class Dropout(DroppingLayer):
    """Drops each number, or all along some axes together, and scales the others up."""

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.rate == 0:
            return x, lambda d_y: (d_y, {})
        if self.noise_shape is not None:
            factors = dropout_factors(self.shape_of_noise(x.shape), self.rate, rng, x)
            return x * factors, lambda d_y: (d_y * factors, {})
        # Time first, as the memory of most arrays is.
        time_first = x.swapaxes(0, 1) if x.ndim > 2 else x
        bits, dropout = _random_bits(time_first.shape, rng), kernels_for(x.dtype).dropout
        threshold, scale = _threshold(self.rate)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            if d_y.ndim > 2:
                return dropout(d_y.swapaxes(0, 1), bits, threshold, scale).swapaxes(0, 1), {}
            return dropout(d_y, bits, threshold, scale), {}

        y = dropout(time_first, bits, threshold, scale)
        return (y.swapaxes(0, 1) if x.ndim > 2 else y), backward


@dataclass
class SpatialDropout1D(Dropout):
    """Drops a feature at all steps of a sequence together (Tompson et al. 2015)."""

    noise_shape: tuple[int | None, ...] | None = (None, 1, None)
