"""Pooling over time: the maximum or the mean of each feature; masked steps do not count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape


@dataclass
class MaxPooling(Layer):
    """The maximum over the steps that count, zeros without one; the first of equals gets d_y."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((shapes[0][0], shapes[0][-1]),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        x, mask = x.swapaxes(0, 1), None if mask is None else mask.T
        visible = x if mask is None else np.where(mask[:, :, None], x, -np.inf)
        place = visible.argmax(axis=0)[None]
        y = np.take_along_axis(x, place, axis=0)[0]
        counted = np.ones(x.shape[:2], bool) if mask is None else mask
        empty = np.logical_not(counted.any(axis=0, keepdims=True))[0, :, None]
        y = np.where(empty, x.dtype.type(0), y)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_x = np.zeros_like(x)
            np.put_along_axis(d_x, place, np.where(empty, 0, d_y)[None], axis=0)
            return d_x.swapaxes(0, 1), {}

        return y, backward


@dataclass
class MeanPooling(Layer):
    """The mean over the steps that count, zeros without one."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((shapes[0][0], shapes[0][-1]),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        x, mask = x.swapaxes(0, 1), None if mask is None else mask.T
        counts = np.ones(x.shape[:2], bool) if mask is None else mask
        share = (counts / np.maximum(counts.sum(axis=0), 1)).astype(x.dtype)[:, :, None]

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            return (share * d_y).swapaxes(0, 1), {}

        return (x * share).sum(axis=0), backward
