"""Dot: sums of products of two inputs along one axis of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Call, Context, Gradients, Layer, Shape
from hoiquy.nn.layers.layer_normalization import lengths, through_lengths

_LEAST_LENGTH = 1e-7  # a shorter vector is divided by this, as in Keras


@dataclass
class Dot(Layer):
    """(batch, ..., a, ...) and (batch, ..., a, ...) → the axes left of the first, then the second.

    The axes are counted with the batch axis. normalize: whether vectors along them get the length 1
    first, so that the result is their cosine. Two vectors give (batch, 1).
    """

    axes: int | tuple[int, int] = -1
    normalize: bool = False

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        expected = f"two inputs with the same size along the axes {self.axes}, not the batch"
        if len(shapes) != 2 or min(len(shape) for shape in shapes) < 2:
            raise self.refuse_shapes(shapes, expected)
        first, second = self._axes([len(shape) for shape in shapes])
        if not (0 < first < len(shapes[0]) and 0 < second < len(shapes[1])):
            raise self.refuse_shapes(shapes, expected)
        sizes = {shapes[0][first], shapes[1][second]} - {None}
        if len(sizes) > 1:
            raise self.refuse_shapes(shapes, expected)
        left = [size for axis, size in enumerate(shapes[0]) if axis != first]
        left += [size for axis, size in enumerate(shapes[1]) if axis not in (0, second)]
        return ((*left, 1) if len(left) == 1 else tuple(left),)

    def _axes(self, ranks: Sequence[int]) -> tuple[int, int]:
        first, second = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return (
            first + ranks[0] if first < 0 else first,
            second + ranks[1] if second < 0 else second,
        )

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        axes = self._axes([x.ndim for x in inputs])
        moved = [np.moveaxis(x, axis, -1) for x, axis in zip(inputs, axes, strict=True)]
        flat = [x.reshape(len(x), -1, x.shape[-1]) for x in moved]
        sizes = [lengths(x, -1, _LEAST_LENGTH) for x in flat] if self.normalize else []
        units = [x / size for x, size in zip(flat, sizes, strict=False)] or flat
        first, second = units
        product = first @ second.swapaxes(1, 2)
        (shape,) = self.output_shapes([x.shape for x in inputs])
        y = product.reshape([size or 0 for size in shape])

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            if d_outputs[0] is None:
                return (None, None), {}
            d_product = d_outputs[0].reshape(product.shape)
            d_flat: list[Array] = [d_product @ second, d_product.swapaxes(1, 2) @ first]
            if self.normalize:
                parts = zip(d_flat, units, sizes, strict=True)
                d_flat = [through_lengths(*part, -1) for part in parts]
            return tuple(
                np.moveaxis(d_x.reshape(x.shape), -1, axis)
                for d_x, x, axis in zip(d_flat, moved, axes, strict=True)
            ), {}

        return Call((y,), (None,), backward)
