"""Layers that move numbers: Flatten, Reshape, Permute, RepeatVector. They drop masks, as Keras'."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Layer, Shape


@dataclass
class _Reshaping(Layer):
    """Reshapes each row."""

    @abstractmethod
    def row_shape(self, shape: Shape) -> Shape:
        """The shape of a row of the output for one of the input. Raises ShapeError."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return ((shapes[0][0], *self.row_shape(shapes[0][1:])),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        (shape,) = self.output_shapes([x.shape])
        y = x.reshape([size or 0 for size in shape])
        return y, lambda d_y: (d_y.reshape(x.shape), {})


@dataclass
class Flatten(_Reshaping):
    """(batch, ...) → (batch, numbers in a row)."""

    def row_shape(self, shape: Shape) -> Shape:
        known = [size for size in shape if size is not None]
        return (math.prod(known) if len(known) == len(shape) else None,)


@dataclass
class Reshape(_Reshaping):
    """Each row gets the target shape, in which one size may be -1: what is left."""

    target_shape: tuple[int, ...] = ()

    def row_shape(self, shape: Shape) -> Shape:
        known = [size for size in shape if size is not None]
        target = math.prod(size for size in self.target_shape if size != -1)
        if len(known) < len(shape):
            return tuple(None if size == -1 else size for size in self.target_shape)
        left, too_many = divmod(math.prod(known), target) if target else (0, math.prod(known))
        if too_many or (-1 not in self.target_shape and left != 1 and target):
            raise self.refuse_shape((None, *shape), f"one that fits {self.target_shape}")
        return tuple(left if size == -1 else size for size in self.target_shape)


@dataclass
class Permute(Layer):
    """Reorders the axes of each row: axis i of the output is axis dims[i - 1], counted from 1."""

    dims: tuple[int, ...] = ()

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if sorted(self.dims) != list(range(1, len(shapes[0]))):
            raise self.refuse_shape(shapes[0], f"one with the axes {self.dims} beside the batch")
        return ((shapes[0][0], *(shapes[0][axis] for axis in self.dims)),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        axes = (0, *self.dims)
        back = np.argsort(axes)
        return x.transpose(axes), lambda d_y: (d_y.transpose(back), {})


@dataclass
class RepeatVector(Layer):
    """(batch, features) → (batch, n, features)."""

    n: int = 1

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 2:
            raise self.refuse_shape(shapes[0], "(batch, features)")
        return ((shapes[0][0], self.n, shapes[0][1]),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        y = np.repeat(x[None], self.n, axis=0).swapaxes(0, 1)
        return y, lambda d_y: (d_y.sum(axis=1), {})
