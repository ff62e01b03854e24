"""Pooling over the whole time: the maximum or the mean of each feature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape


@dataclass
class _GlobalPooling(Layer):
    """(batch, time, features) → (batch, features), or (batch, 1, features) with keepdims."""

    keepdims: bool = False

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0], "(batch, time, features)")
        batch, _, features = shapes[0]
        return ((batch, 1, features) if self.keepdims else (batch, features),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        y, backward_of_pool = self.pool(x, mask)
        if not self.keepdims:
            return y, backward_of_pool
        return y[:, None], lambda d_y: backward_of_pool(d_y[:, 0])

    def pool(self, x: Array, mask: Mask | None) -> tuple[Array, Backward]:
        """(batch, features), and the backward pass."""
        raise NotImplementedError


@dataclass
class MaxPooling(_GlobalPooling):
    """The maximum over the steps that count, zeros without one; the first of equals gets d_y.

    uses_mask: False counts every step, and equals share d_y, as in Keras' GlobalMaxPooling1D.
    """

    uses_mask: bool = True

    def pool(self, x: Array, mask: Mask | None) -> tuple[Array, Backward]:
        mask = mask if self.uses_mask else None
        x, mask = x.swapaxes(0, 1), None if mask is None else mask.T
        visible = x if mask is None else np.where(mask[:, :, None], x, -np.inf)
        y = visible.max(axis=0)
        if mask is not None:
            y[np.logical_not(mask.any(axis=0))] = 0

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            if mask is not None:
                d_y = np.where(np.any(mask, axis=0, keepdims=True).T, d_y, 0)
            if not self.uses_mask:
                largest = x == y
                equals = np.maximum(largest.sum(axis=0), 1).astype(d_y.dtype)
                return (largest * (d_y / equals)).swapaxes(0, 1), {}
            d_x, place = np.zeros_like(x), visible.argmax(axis=0)[None]
            np.put_along_axis(d_x, place, d_y[None], axis=0)
            return d_x.swapaxes(0, 1), {}

        return y, backward


@dataclass
class MeanPooling(_GlobalPooling):
    """The mean over the steps that count, zeros without one (NaN in Keras)."""

    def pool(self, x: Array, mask: Mask | None) -> tuple[Array, Backward]:
        x, mask = x.swapaxes(0, 1), None if mask is None else mask.T
        counts = np.ones(x.shape[:2], bool) if mask is None else mask
        share = (counts / np.maximum(counts.sum(axis=0), 1)).astype(x.dtype)[:, :, None]

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            return (share * d_y).swapaxes(0, 1), {}

        return (x * share).sum(axis=0), backward
