"""Inverted dropout (Srivastava et al. 2014): kept values are scaled up while training."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers.base import Backward, Gradients, Layer

_CHOICES = 1 << 16


def _threshold(rate: float) -> tuple[int, float]:
    """How many of 65,536 values drop (the rate, to 1 / 131,072), and the factor for the others."""
    return min(round(rate * _CHOICES), _CHOICES - 1), 1 / (1 - rate)


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
class Dropout(Layer):
    """Each number is dropped independently with probability `rate`, while training."""

    rate: float = 0.5

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.rate == 0:
            return x, lambda d_y: (d_y, {})
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
