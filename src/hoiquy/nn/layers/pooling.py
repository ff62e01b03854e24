"""Pooling over the whole time: the maximum, the mean and the last state of each feature."""

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
        x, counts = _time_first(x, mask if self.uses_mask else None)
        y = _maximum(x, counts)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            if not self.uses_mask:
                largest = x == y
                equals = np.maximum(largest.sum(axis=0), 1).astype(d_y.dtype)
                return (largest * (d_y / equals)).swapaxes(0, 1), {}
            d_x = np.zeros_like(x)
            _add_to_first_maximum(d_x, x, counts, y, d_y)
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


@dataclass
class ConcatPooling(_GlobalPooling):
    """Concat pooling (Howard and Ruder 2018): last state, maximum and mean, (batch, 3 * features).

    All three are of the steps that count, zeros without one.

    backward_features: How many features, at the end, are of a layer that runs backward: their last
        state is at the first step that counts.
    """

    backward_features: int = 0

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        (shape,) = super().output_shapes(shapes)
        return ((*shape[:-1], None if shape[-1] is None else 3 * shape[-1]),)

    def pool(self, x: Array, mask: Mask | None) -> tuple[Array, Backward]:
        x, counts = _time_first(x, mask)
        steps, rows, features = x.shape
        counted = np.ones((steps, rows), bool) if counts is None else counts
        share = (counted / np.maximum(counted.sum(axis=0), 1)).astype(x.dtype)
        maximum, forward = _maximum(x, counts), features - self.backward_features
        ends = (  # (features, the step of each row) of both directions
            (slice(forward), steps - 1 - counted[::-1].argmax(axis=0)),
            (slice(forward, None), counted.argmax(axis=0)),
        )
        row, any_counts = np.arange(rows), np.asarray(counted.any(axis=0))[:, None]
        last = np.concatenate([x[step, row, part] for part, step in ends], axis=1)
        last = np.where(any_counts, last, x.dtype.type(0))
        mean = np.einsum("tbf,tb->bf", x, share)

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_last, d_maximum, d_mean = np.split(d_y, 3, axis=1)
            d_x = share[:, :, None] * d_mean
            _add_to_first_maximum(d_x, x, counts, maximum, d_maximum)
            d_last = np.where(any_counts, d_last, d_y.dtype.type(0))
            for part, step in ends:
                d_x[step, row, part] += d_last[:, part]
            return d_x.swapaxes(0, 1), {}

        return np.concatenate([last, maximum, mean], axis=1), backward


def _time_first(x: Array, mask: Mask | None) -> tuple[Array, Mask | None]:
    """(time, batch, features), and (time, batch) counted steps; None if all count."""
    all_count = mask is None or bool(mask.all())
    return x.swapaxes(0, 1), None if all_count or mask is None else mask.T


def _maximum(x: Array, counts: Mask | None) -> Array:
    """(batch, features): the maximum over the counted steps, zeros without one; copies no step."""
    if counts is None:
        return np.asarray(x.max(axis=0))
    y = np.asarray(x.max(axis=0, where=counts[:, :, None], initial=-np.inf))
    y[~counts.any(axis=0)] = 0
    return y


def _add_to_first_maximum(d_x: Array, x: Array, counts: Mask | None, y: Array, d_y: Array) -> None:
    """Add d_y to d_x (time, batch, features) at the first counted step where x is its maximum y.

    Step by step, so that what is written stays in the cache.
    """
    remaining = np.ones(y.shape, bool)
    for step, of_step in enumerate(x):
        first = of_step == y
        first &= remaining
        if counts is not None:
            first &= counts[step][:, None]
        remaining ^= first
        np.add(d_x[step], d_y, out=d_x[step], where=first)
