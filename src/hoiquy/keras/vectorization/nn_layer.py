"""A preprocessing layer within a model: a layer of `hoiquy.nn` without weights or gradients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers import Call, Context, Layer, Shape


def _missing(_: Any) -> Any:
    raise NotImplementedError


@dataclass
class Preprocessed(Layer):
    """Numbers of texts, or of other values that have no gradient.

    compute: the numbers of an array of values.
    shape_of: the shape of the numbers, given that of the values.
    takes_texts: whether the values are texts; then numbers are those that were computed before.
    type_of_layer: Keras' class name.
    """

    compute: Callable[[Any], Any] = _missing
    shape_of: Callable[[Any], Any] = _missing
    takes_texts: bool = True
    type_of_layer: str = ""

    @property
    def type_name(self) -> str:
        return self.type_of_layer

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return (tuple(self.shape_of(shapes[0])),)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        values = inputs[0]
        is_done = self.takes_texts and values.dtype.kind != "O"
        numbers = np.asarray(values if is_done else self.compute(values))
        return Call((numbers,), (None,), lambda _: ((None,), {}))
