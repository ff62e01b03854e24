"""Noise while training: GaussianNoise, GaussianDropout and AlphaDropout."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Layer
from hoiquy.nn.layers.dropout import DroppingLayer, drop_mask

# The limit of SELU for small numbers, which is what dropped numbers become (Klambauer et al. 2017).
_SELU_LIMIT = -1.6732632423543772 * 1.0507009873554805


def _normal(x: Array, rng: Generator) -> Array:
    """Standard normal numbers of x's shape, drawn in its dtype."""
    if x.dtype == np.float32:
        return rng.standard_normal(x.shape, np.float32)
    return rng.standard_normal(x.shape).astype(x.dtype, copy=False)


@dataclass
class GaussianNoise(Layer):
    """x + a normal number of standard deviation `stddev`."""

    stddev: float = 0.1

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.stddev == 0:
            return x, lambda d_y: (d_y, {})
        return x + x.dtype.type(self.stddev) * _normal(x, rng), lambda d_y: (d_y, {})


@dataclass
class GaussianDropout(Layer):
    """x times a normal number of mean 1, with dropout's variance rate / (1 - rate)."""

    rate: float = 0.5

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.rate == 0:
            return x, lambda d_y: (d_y, {})
        factors = 1 + x.dtype.type(math.sqrt(self.rate / (1 - self.rate))) * _normal(x, rng)
        return x * factors, lambda d_y: (d_y * factors, {})


@dataclass
class AlphaDropout(DroppingLayer):
    """Dropped numbers become SELU's lower limit; mean and variance are kept."""

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.rate == 0:
            return x, lambda d_y: (d_y, {})
        drop = drop_mask(self.shape_of_noise(x.shape), self.rate, rng)
        scale = ((1 - self.rate) * (1 + self.rate * _SELU_LIMIT**2)) ** -0.5
        shift = -scale * _SELU_LIMIT * self.rate
        slope = np.where(drop, 0, scale).astype(x.dtype)
        offset = np.where(drop, scale * _SELU_LIMIT + shift, shift).astype(x.dtype)
        return x * slope + offset, lambda d_y: (d_y * slope, {})
