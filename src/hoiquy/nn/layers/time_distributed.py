"""TimeDistributed: one layer for every step of a sequence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.kernels import Array, Gradient, Mask, add_gradients
from hoiquy.nn.layers.base import Call, CallBackward, Context, Gradients, Layer, Shape


@dataclass
class TimeDistributed(Layer):
    """(batch, time, ...) → (batch, time, ...), by a layer of one input and one output.

    All steps are rows of one call. A layer that couples its rows is called for each step, as in
    Keras. The mask is passed on; if it has more than two axes, the layer gets the further ones and
    a step counts if anything in it does.
    """

    layer: Layer = field(default_factory=lambda: Layer("none"))

    def __post_init__(self) -> None:
        self.parameters, self.penalties = self.layer.parameters, self.layer.penalties
        self.constraints, self.state = self.layer.constraints, self.layer.state

    @property
    def trained_parameters(self) -> dict[str, Array]:
        return self.layer.trained_parameters if self.trainable else {}

    @property
    def couples_rows(self) -> bool:
        return self.layer.couples_rows

    @property
    def couples_rows_at_inference(self) -> bool:
        return self.layer.couples_rows_at_inference

    @property
    def final_activation(self) -> str | None:
        return self.layer.final_activation

    def logits_layer(self) -> "TimeDistributed | None":
        layer = self.layer.logits_layer()
        return None if layer is None else replace(self, layer=layer)

    def _step_shape(self, shape: Shape) -> Shape:
        if len(shape) < 3:
            raise self.refuse_shape(shape, "(batch, time, ...), three axes or more")
        return (shape[0], *shape[2:])

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.layer.build([self._step_shape(shapes[0])], rng, dtype)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        (shape,) = self.layer.output_shapes([self._step_shape(shapes[0])])
        return ((shape[0], shapes[0][1], *shape[1:]),)

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        x, mask = inputs[0], masks[0]
        inner = Context(context.rng, wants_d_inputs=context.wants_d_inputs)
        steps = self._calls if self.layer.couples_rows else self._one_call
        y, backward = steps(x, mask, inner)
        if mask is not None and mask.ndim > 2:
            mask = np.asarray(mask.any(axis=tuple(range(2, mask.ndim))))
        return Call((y,), (mask,), backward)

    def _one_call(
        self, x: Array, mask: Mask | None, context: Context
    ) -> tuple[Array, CallBackward]:
        """All steps as rows, in the order of x's memory."""
        is_time_first = not x.flags.c_contiguous
        leading = x.shape[1::-1] if is_time_first else x.shape[:2]

        def rows(array: NDArray[Any]) -> NDArray[Any]:
            array = array.swapaxes(0, 1) if is_time_first else array
            return array.reshape(leading[0] * leading[1], *array.shape[2:])

        def steps(array: NDArray[Any]) -> NDArray[Any]:
            array = array.reshape(*leading, *array.shape[1:])
            return array.swapaxes(0, 1) if is_time_first else array

        row_mask = rows(mask) if mask is not None and mask.ndim > 2 else None
        call = self.layer.call([rows(x)], [row_mask], context)

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y = d_outputs[0]
            (d_x,), gradients = call.backward([None if d_y is None else rows(d_y)])
            return (None if d_x is None else steps(d_x),), gradients

        return steps(call.outputs[0]), backward

    def _calls(self, x: Array, mask: Mask | None, context: Context) -> tuple[Array, CallBackward]:
        """One call for each step."""
        calls = [
            self.layer.call([x[:, t]], [None if mask is None else mask[:, t]], context)
            for t in range(x.shape[1])
        ]

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y, d_steps = d_outputs[0], []
            totals: dict[str, Gradient] = {}
            for t, call in enumerate(calls):
                (d_x,), gradients = call.backward([None if d_y is None else d_y[:, t]])
                add_gradients(totals, gradients)
                d_steps.append(d_x)
            known = [d_x for d_x in d_steps if d_x is not None]
            return (np.stack(known, axis=1) if len(known) == len(calls) else None,), totals

        return np.stack([call.outputs[0] for call in calls], axis=1), backward
