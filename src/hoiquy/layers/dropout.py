"""Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up while training."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.kernels import Array, Mask
from hoiquy.layers.base import Backward, Gradients, Layer


def keep_factors(shape: tuple[int, ...], rate: float, rng: Generator, like: Array) -> Array:
    """0 with probability `rate`, else 1 / (1 - rate); dtype of `like`."""
    factors = (rng.random(shape, np.float32) >= rate).astype(like.dtype)
    factors *= like.dtype.type(1 / (1 - rate))
    return factors


@dataclass
class Dropout(Layer):
    """Every number on its own is dropped with probability `rate`, while training."""

    rate: float = 0.5

    def output_features(self, features: int) -> int:
        return features

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        if rng is None or self.rate == 0:
            return x, lambda d_y: (d_y, {})
        factors = keep_factors(x.shape, self.rate, rng, x)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            return d_y * factors, {}

        return x * factors, backward
