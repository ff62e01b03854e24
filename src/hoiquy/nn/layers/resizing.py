"""Layers that change the number of steps: ZeroPadding1D, Cropping1D, UpSampling1D. They drop masks,
as Keras'."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape


@dataclass
class _Resizing(Layer):
    """(batch, time, features) → (batch, other time, features)."""

    @abstractmethod
    def steps(self, time: int) -> int:
        """The number of steps of the output."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0], "(batch, time, features)")
        batch, time, features = shapes[0]
        return ((batch, None if time is None else self.steps(time), features),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None


@dataclass
class ZeroPadding1D(_Resizing):
    """Adds steps of zeros before the first and after the last one."""

    padding: tuple[int, int] = (1, 1)

    def steps(self, time: int) -> int:
        return time + sum(self.padding)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        left, time = self.padding[0], x.shape[1]
        y = np.pad(x.swapaxes(0, 1), (self.padding, (0, 0), (0, 0))).swapaxes(0, 1)
        return y, lambda d_y: (d_y[:, left : left + time], {})


@dataclass
class Cropping1D(_Resizing):
    """Leaves out the first and the last steps."""

    cropping: tuple[int, int] = (1, 1)

    def steps(self, time: int) -> int:
        return time - sum(self.cropping)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        (shape,) = super().output_shapes(shapes)
        if shape[1] is not None and shape[1] <= 0:
            raise self.refuse_shape(shapes[0], f"more than {sum(self.cropping)} steps")
        return (shape,)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        self.output_shapes([x.shape])
        kept = slice(self.cropping[0], x.shape[1] - self.cropping[1])

        def backward(d_y: Array) -> tuple[Array, Gradients]:
            d_x = np.zeros_like(x)
            d_x[:, kept] = d_y
            return d_x, {}

        return x[:, kept], backward


@dataclass
class UpSampling1D(_Resizing):
    """Repeats each step."""

    size: int = 2

    def steps(self, time: int) -> int:
        return time * self.size

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        batch, time, features = x.shape
        y = np.repeat(x.swapaxes(0, 1), self.size, axis=0).swapaxes(0, 1)
        return y, lambda d_y: (d_y.reshape(batch, time, self.size, features).sum(axis=2), {})
