"""Bidirectional (Schuster and Paliwal 1997): one layer runs forward, a second one backward."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import (
    Backward,
    Call,
    Context,
    Gradients,
    Layer,
    Shape,
    forward_by_call,
    join_parts,
)
from hoiquy.nn.layers.merge_modes import MERGE_MODES, merged, merged_gradients
from hoiquy.nn.layers.recurrent_base import Recurrent
from hoiquy.nn.layers.recurrent_copy import unbuilt_copy

_FORWARD, _BACKWARD = "forward/", "backward/"


@dataclass
class Bidirectional(Layer):
    """Two recurrent layers over the same sequence in opposite directions, and their merged outputs.

    The second layer's output is reversed, so that step t of both belongs to input t; without
    `return_sequences` each output is the last state of its layer. Inputs are x and, optionally, the
    initial states of both layers; outputs are the merged y and, with `return_state`, the states of
    both layers, those of the forward layer first.

    merge_mode: concat, sum, mul, ave, or None for both outputs apart, as in Keras.
    """

    forward_layer: Recurrent | None = None
    backward_layer: Recurrent | None = None
    merge_mode: str | None = "concat"

    @classmethod
    def create(cls, name: str, forward: Recurrent, backward: Recurrent) -> "Bidirectional":
        """Join two built layers of one kind that both run forward; the result shares the arrays."""
        layer = cls(
            name, forward_layer=forward, backward_layer=replace(backward, go_backwards=True)
        )
        layer._join_parameters()
        return layer

    @classmethod
    def around(
        cls, name: str, layer: Recurrent, backward_layer: Recurrent | None = None,
        merge_mode: str | None = "concat",
    ) -> "Bidirectional":  # fmt: skip
        """Keras' Bidirectional of a layer, to be built. Raises InputError.

        The outputs of both directions are zero at masked steps, as Keras sets it.
        """
        zero = layer.return_sequences
        forward = unbuilt_copy(layer, f"forward_{layer.name}", zero_output_for_mask=zero)
        if backward_layer is None:
            backward_layer = unbuilt_copy(layer, f"backward_{layer.name}", go_backwards=True)
        backward = replace(backward_layer, zero_output_for_mask=zero)
        both = cls(name, forward_layer=forward, backward_layer=backward, merge_mode=merge_mode)
        both._check_settings()
        return both

    @property
    def directions(self) -> tuple[Recurrent, Recurrent]:
        assert self.forward_layer is not None and self.backward_layer is not None
        return self.forward_layer, self.backward_layer

    @property
    def return_sequences(self) -> bool:
        return self.directions[0].return_sequences

    @property
    def fixed_batch_size(self) -> int | None:
        return self.directions[0].fixed_batch_size

    def plain_reason(self) -> str | None:
        """As `Recurrent.plain_reason`, of either direction."""
        first, second = self.directions
        return first.plain_reason() or second.plain_reason()

    def reset_states(self) -> None:
        """As `Recurrent.reset_states`, of both directions."""
        for layer in self.directions:
            layer.reset_states()

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        for layer, of_layer in zip(self.directions, self._by_direction(shapes), strict=True):
            layer.build(of_layer, rng, dtype)
        self._join_parameters()

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        pairs = zip(self.directions, self._by_direction(shapes), strict=True)
        (first, *states), (second, *others) = (layer.output_shapes(of) for layer, of in pairs)
        if self.merge_mode is None:
            return (first, second, *states, *others)
        if self.merge_mode == "concat":
            assert first[-1] is not None and second[-1] is not None
            return ((*first[:-1], first[-1] + second[-1]), *states, *others)
        if first != second:
            raise ShapeError(
                f"{self.name}: outputs of shapes {first} and {second} cannot be merged by "
                f"{self.merge_mode}; give both layers as many units"
            )
        return (first, *states, *others)

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return mask if self.return_sequences else None

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        by_direction = self._by_direction(inputs)
        calls = context.together(
            [
                partial(
                    layer.call_with, layer.draw_factors(inputs[0], context), of_layer,
                    [masks[0]] * len(of_layer), context,
                )
                for layer, of_layer in zip(self.directions, by_direction, strict=True)
            ]
        )  # fmt: skip
        (y, *states), (reversed_y, *more_states) = (call.outputs for call in calls)
        pair = y, self._reversed(reversed_y)
        outputs = merged(self.merge_mode, *pair)
        of_y = len(outputs)

        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_y, d_second = merged_gradients(self.merge_mode, d_outputs[:of_y], *pair)
            if d_second is not None:
                d_second = self._reversed(d_second)
            middle = of_y + len(states)
            ((d_x, *d_states), gradients), ((other_d_x, *d_others), others) = context.together(
                [
                    partial(calls[0].backward, [d_y, *d_outputs[of_y:middle]]),
                    partial(calls[1].backward, [d_second, *d_outputs[middle:]]),
                ]
            )
            if d_x is not None and other_d_x is not None:
                d_x = d_x + other_d_x
            return (d_x, *d_states, *d_others), {
                **{_FORWARD + key: value for key, value in gradients.items()},
                **{_BACKWARD + key: value for key, value in others.items()},
            }

        mask = self.output_mask(inputs[0], masks[0])
        output_masks = [mask] * of_y + [None] * (len(states) + len(more_states))
        return Call((*outputs, *states, *more_states), tuple(output_masks), backward)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        return forward_by_call(self, x, mask, rng)

    def inference(self, embeddings: Array | None = None) -> Callable[[Any, Mask | None], Array]:
        """As `Recurrent.inference`, for one merged output."""
        first, second = (layer.inference(embeddings) for layer in self.directions)

        def run(x: Any, mask: Mask | None) -> Array:
            return merged(self.merge_mode, first(x, mask), self._reversed(second(x, mask)))[0]

        return run

    def _reversed(self, y: Array) -> Array:
        return y[:, ::-1] if self.return_sequences else y

    def _by_direction(self, inputs: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """x, or its shape, with the first half of the initial states, then with the second half."""
        x, states = inputs[0], list(inputs[1:])
        half = len(states) // 2
        return [x, *states[:half]], [x, *states[half:]]

    def _join_parameters(self) -> None:
        join_parts(self, list(zip((_FORWARD, _BACKWARD), self.directions, strict=True)))

    def _check_settings(self) -> None:
        first, second = self.directions
        if self.merge_mode not in MERGE_MODES:
            raise InputError(
                f"{self.name}: merge_mode={self.merge_mode!r}: expected concat, sum, mul, ave "
                f"or None"
            )
        if first.go_backwards == second.go_backwards:
            raise InputError(
                f"{self.name}: both layers have go_backwards={first.go_backwards}: give one of "
                f"them the other direction"
            )
        for setting in ("stateful", "return_sequences", "return_state"):
            values = getattr(first, setting), getattr(second, setting)
            if values[0] != values[1]:
                raise InputError(
                    f"{self.name}: {setting} is {values[0]} in the forward layer and {values[1]} "
                    f"in the backward layer: both need the same"
                )
