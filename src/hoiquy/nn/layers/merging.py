"""Layers that merge several inputs number by number: Add, Subtract, Multiply, Average, Maximum,
Minimum."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape

Masks = Sequence[Mask | None]
MergeBackward = Callable[[Array], Sequence[Array]]


@dataclass
class Merge(Layer):
    """Combines inputs of one shape, or of shapes that broadcast.

    Inputs of fewer dimensions get axes of size 1 after the batch axis, as in Keras. Without a mask
    on every input the output has none; otherwise a step counts if it does in any input.
    """

    @abstractmethod
    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        """The output of inputs and masks that broadcast; backward(d_y) → gradients of the inputs.

        A gradient may have d_y's shape where its input was broadcast.
        """

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        rank = max(len(shape) for shape in shapes)
        widened = [(shape[0], *[1] * (rank - len(shape)), *shape[1:]) for shape in shapes]
        sizes = [_broadcast(axis) for axis in zip(*widened, strict=True)]
        if -1 in sizes:
            raise self.refuse_shapes(shapes, "inputs of one shape")
        return (tuple(sizes),)

    def call(self, inputs: Sequence[Array], masks: Masks, context: Context) -> Call:
        rank = max(x.ndim for x in inputs)
        widened = [x.reshape(len(x), *[1] * (rank - x.ndim), *x.shape[1:]) for x in inputs]
        y, merge_backward = self.merge(widened, _widened_masks(inputs, masks, rank))

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = d_outputs[0]
            if d_y is None:
                return (None,) * len(inputs), {}
            return tuple(
                _summed(d_x, wide.shape).reshape(x.shape)
                for d_x, wide, x in zip(merge_backward(d_y), widened, inputs, strict=True)
            ), {}

        known = [mask for mask in masks if mask is not None]
        all_masked = len(known) == len(masks)
        return Call((y,), (reduce(np.logical_or, known) if all_masked else None,), backward)


@dataclass
class Add(Merge):
    """The sum of the inputs."""

    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        return sum(inputs[1:], inputs[0]), lambda d_y: [d_y] * len(inputs)


@dataclass
class Average(Merge):
    """The mean of the inputs."""

    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        count = inputs[0].dtype.type(len(inputs))
        return sum(inputs[1:], inputs[0]) / count, lambda d_y: [d_y / count] * len(inputs)


@dataclass
class Subtract(Merge):
    """The first of two inputs less the second."""

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes) != 2:
            raise self.refuse_shapes(shapes, "two inputs")
        return super().output_shapes(shapes)

    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        return inputs[0] - inputs[1], lambda d_y: [d_y, -d_y]


@dataclass
class Multiply(Merge):
    """The product of the inputs, without those in which a step does not count.

    If all inputs have masks, steps that count in none are 0.
    """

    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        one, zero = inputs[0].dtype.type(1), inputs[0].dtype.type(0)
        factors = [
            x if mask is None else np.where(mask, x, one)
            for x, mask in zip(inputs, masks, strict=True)
        ]
        known = [mask for mask in masks if mask is not None]
        counted = reduce(np.logical_or, known) if len(known) == len(masks) else None

        def at_counted(array: Array, mask: Mask | None) -> Array:
            return array if mask is None else np.where(mask, array, zero)

        def backward(d_y: Array) -> list[Array]:
            # The product of the others, without a division: a factor may be 0.
            d_y, d_inputs = at_counted(d_y, counted), []
            for i, mask in enumerate(masks):
                d_x = reduce(np.multiply, [*factors[:i], *factors[i + 1 :]], d_y)
                d_inputs.append(at_counted(d_x, mask))
            return d_inputs

        return at_counted(reduce(np.multiply, factors), counted), backward


@dataclass
class _Selection(Merge):
    """One of the numbers at each place, of the inputs in which the step counts.

    Where it counts in none it is that of the first input; the first of equals gets the gradient.
    """

    @abstractmethod
    def is_better(self, x: Array, y: Array) -> Mask:
        """Whether x is to be taken rather than y."""

    def merge(self, inputs: Sequence[Array], masks: Masks) -> tuple[Array, MergeBackward]:
        y, counted = inputs[0], masks[0]
        place = np.zeros(np.broadcast_shapes(*(x.shape for x in inputs)), np.int32)
        for i, (x, mask) in enumerate(zip(inputs[1:], masks[1:], strict=True), 1):
            takes = self.is_better(x, y)
            if counted is not None:
                takes = takes | np.logical_not(counted)
            if mask is not None:
                takes = takes & mask
            y, place = np.where(takes, x, y), np.where(takes, np.int32(i), place)
            counted = None if counted is None or mask is None else counted | mask

        def backward(d_y: Array) -> list[Array]:
            zero = d_y.dtype.type(0)
            return [np.where(place == i, d_y, zero) for i in range(len(inputs))]

        return y, backward


@dataclass
class Maximum(_Selection):
    """The greatest of the inputs."""

    def is_better(self, x: Array, y: Array) -> Mask:
        return np.greater(x, y)


@dataclass
class Minimum(_Selection):
    """The least of the inputs."""

    def is_better(self, x: Array, y: Array) -> Mask:
        return np.less(x, y)


def _widened_masks(inputs: Sequence[Array], masks: Masks, rank: int) -> list[Mask | None]:
    """Masks of the inputs' rank; an input of fewer dimensions is taken without, as in Keras."""
    return [
        mask.reshape(*mask.shape, *[1] * (rank - mask.ndim))
        if mask is not None and x.ndim == rank
        else None
        for x, mask in zip(inputs, masks, strict=True)
    ]


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
