"""Layers that merge several inputs number by number: Add, Subtract, Multiply, Average, Maximum,
Minimum."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape


@dataclass
class Merge(Layer):
    """Combines inputs of one shape, or of shapes that broadcast.

    Inputs of fewer dimensions get axes of size 1 after the batch axis, as in Keras. Without a mask
    on every input the output has none; otherwise a step counts if it does in any input.
    """

    least_inputs = 1

    @abstractmethod
    def merge(self, inputs: Sequence[Array]) -> Array:
        """The output, of inputs that broadcast."""

    @abstractmethod
    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        """The gradients of the inputs, of any shapes that the sum over d_y's axes makes theirs."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        rank = max(len(shape) for shape in shapes)
        widened = [(shape[0], *[1] * (rank - len(shape)), *shape[1:]) for shape in shapes]
        sizes = [_broadcast(axis) for axis in zip(*widened, strict=True)]
        if -1 in sizes or len(shapes) < self.least_inputs:
            expected = f"{self.least_inputs} or more inputs of one shape"
            raise self.refuse_shapes(shapes, expected)
        return (tuple(sizes),)

    def merged_mask(self, masks: Sequence[Mask | None]) -> Mask | None:
        known = [mask for mask in masks if mask is not None]
        return reduce(np.logical_or, known) if known and len(known) == len(masks) else None

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        rank = max(x.ndim for x in inputs)
        widened = [x.reshape(len(x), *[1] * (rank - x.ndim), *x.shape[1:]) for x in inputs]
        y = self.merge(widened)

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = d_outputs[0]
            if d_y is None:
                return (None,) * len(inputs), {}
            d_inputs = self.gradients(widened, d_y)
            return tuple(
                _summed(d_x, wide.shape).reshape(x.shape)
                for d_x, wide, x in zip(d_inputs, widened, inputs, strict=True)
            ), {}

        return Call((y,), (self.merged_mask(masks),), backward)


@dataclass
class Add(Merge):
    """The sum of the inputs."""

    def merge(self, inputs: Sequence[Array]) -> Array:
        return sum(inputs[1:], inputs[0])

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        return [d_y] * len(inputs)


@dataclass
class Average(Merge):
    """The mean of the inputs."""

    def merge(self, inputs: Sequence[Array]) -> Array:
        return sum(inputs[1:], inputs[0]) / inputs[0].dtype.type(len(inputs))

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        return [d_y / d_y.dtype.type(len(inputs))] * len(inputs)


@dataclass
class Subtract(Merge):
    """The first of two inputs less the second."""

    least_inputs = 2

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes) != 2:
            raise self.refuse_shapes(shapes, "two inputs")
        return super().output_shapes(shapes)

    def merge(self, inputs: Sequence[Array]) -> Array:
        return inputs[0] - inputs[1]

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        return [d_y, -d_y]


@dataclass
class Multiply(Merge):
    """The product of the inputs."""

    def merge(self, inputs: Sequence[Array]) -> Array:
        return reduce(np.multiply, inputs)

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        # The product of the others, without a division: an input may be 0.
        others = [[*inputs[:i], *inputs[i + 1 :]] for i in range(len(inputs))]
        return [reduce(np.multiply, factors, d_y) for factors in others]


@dataclass
class Maximum(Merge):
    """The greatest of the inputs; the first of equals gets the gradient."""

    def merge(self, inputs: Sequence[Array]) -> Array:
        return reduce(np.maximum, inputs)

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        return _of_chosen(inputs, self.merge(inputs), d_y)


@dataclass
class Minimum(Merge):
    """The least of the inputs; the first of equals gets the gradient."""

    def merge(self, inputs: Sequence[Array]) -> Array:
        return reduce(np.minimum, inputs)

    def gradients(self, inputs: Sequence[Array], d_y: Array) -> Sequence[Array]:
        return _of_chosen(inputs, self.merge(inputs), d_y)


def _of_chosen(inputs: Sequence[Array], y: Array, d_y: Array) -> list[Array]:
    """d_y for the first input that equals y, 0 for the others."""
    left, d_inputs = np.ones(y.shape, bool), []
    for x in inputs:
        chosen = left & (x == y)
        left &= np.logical_not(chosen)
        d_inputs.append(np.where(chosen, d_y, d_y.dtype.type(0)))
    return d_inputs


def _broadcast(sizes: Sequence[int | None]) -> int | None:
    """The size of an axis of these sizes, -1 if they do not fit."""
    several = {size for size in sizes if size != 1}
    known = several - {None}
    if len(known) > 1:
        return -1
    if not several:
        return 1
    return None if None in several else known.pop()


def _summed(d_x: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an input of this shape that was broadcast."""
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1 and d_x.shape[axis] != 1)
    return d_x.sum(axis=axes, keepdims=True) if axes else d_x
