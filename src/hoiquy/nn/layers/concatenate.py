"""Concatenate: inputs one after another along an axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape


@dataclass
class Concatenate(Layer):
    """Joins inputs whose shapes are the same but for one axis, by default the last."""

    axis: int = -1

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        rank = len(shapes[0])
        expected = f"the same shapes but for axis {self.axis}, which is not the batch"
        if not -rank <= self.axis < rank or self.axis % rank == 0:
            raise self.refuse_shapes(shapes, expected)
        if any(len(shape) != rank for shape in shapes):
            raise self.refuse_shapes(shapes, expected)
        joined: list[int | None] = []
        for axis, sizes in enumerate(zip(*shapes, strict=True)):
            known = {size for size in sizes if size is not None}
            if axis == self.axis % rank:
                joined.append(None if None in sizes else sum(size or 0 for size in sizes))
            elif len(known) > 1:
                raise self.refuse_shapes(shapes, expected)
            else:
                joined.append(known.pop() if known and axis > 0 else None)
        return (tuple(joined),)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        rank = inputs[0].ndim
        axis = self.axis % rank
        ends = np.cumsum([x.shape[axis] for x in inputs])[:-1].tolist()
        y = _joined(inputs, axis)

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = d_outputs[0]
            if d_y is None:
                return (None,) * len(inputs), {}
            return tuple(np.split(d_y, ends, axis)), {}

        return Call((y,), (self._mask(inputs, masks, axis),), backward)

    def _mask(
        self, inputs: Sequence[Array], masks: Sequence[Mask | None], axis: int
    ) -> Mask | None:
        """As in Keras: an input without a mask counts at every step.

        Joined along the features, a step counts if it does in any input.
        """
        if all(mask is None for mask in masks) or inputs[0].ndim < 3:
            return None
        whole = [
            np.ones(x.shape[:2], bool) if mask is None else mask
            for x, mask in zip(inputs, masks, strict=True)
        ]
        return np.concatenate(whole, axis=1) if axis == 1 else np.logical_or.reduce(whole)


def _joined(inputs: Sequence[Array], axis: int) -> Array:
    """The concatenation, time first in memory if the first input is."""
    if inputs[0].ndim == 3 and inputs[0].swapaxes(0, 1).flags.c_contiguous:
        time_first = [x.swapaxes(0, 1) for x in inputs]
        return np.concatenate(time_first, axis=1 - axis if axis < 2 else axis).swapaxes(0, 1)
    return np.concatenate(inputs, axis=axis)
