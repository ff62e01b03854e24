"""Masking: steps all of whose features have one value do not count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Layer, Shape


@dataclass
class Masking(Layer):
    """(batch, time, features): the mask is False, and the output 0, at steps of mask_value only."""

    mask_value: float = 0.0

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0], "(batch, time, features)")
        return (shapes[0],)

    def output_mask(self, x: Array, mask: Mask | None) -> Mask:
        counts: Mask = (x != x.dtype.type(self.mask_value)).any(axis=-1)
        return counts

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        counts = self.output_mask(x, None)[..., None]
        zero = x.dtype.type(0)
        return np.where(counts, x, zero), lambda d_y: (np.where(counts, d_y, zero), {})
