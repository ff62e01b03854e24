"""Recurrent layers one after another as a single layer: Keras' RNN over a list of cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import (
    Backward,
    Call,
    CallBackward,
    Context,
    Gradients,
    Layer,
    Shape,
    forward_by_call,
    join_parts,
)
from hoiquy.nn.layers.recurrent_base import Recurrent
from hoiquy.nn.layers.recurrent_inference import reversed_mask


@dataclass
class StackedRecurrent(Layer):
    """A chain of recurrent layers, which computes what Keras' RNN with stacked cells computes.

    Inputs are x and, optionally, the initial states of all layers, first to last; outputs are y of
    the last layer and, with `return_state`, the states of all layers.
    """

    layers: list[Recurrent] = field(default_factory=list)
    return_sequences: bool = False
    return_state: bool = False

    @classmethod
    def of(
        cls, name: str, cells: Sequence[Recurrent], *, return_sequences: bool = False,
        return_state: bool = False, go_backwards: bool = False, stateful: bool = False,
        zero_output_for_mask: bool = False,
    ) -> "StackedRecurrent":  # fmt: skip
        """Stack cells, given as layers whose settings of these names do not count."""
        last = len(cells) - 1
        layers = [
            cell.copied(
                cell.name,
                return_sequences=return_sequences or position < last,
                return_state=True,
                go_backwards=go_backwards and position == 0,
                stateful=stateful,
                zero_output_for_mask=zero_output_for_mask and position == last,
            )
            for position, cell in enumerate(cells)
        ]
        return cls(
            name, layers=layers, return_sequences=return_sequences, return_state=return_state
        )

    @property
    def type_name(self) -> str:
        return "RNN"

    @property
    def fixed_batch_size(self) -> int | None:
        return self.layers[0].fixed_batch_size

    def plain_reason(self) -> str | None:
        """As `Recurrent.plain_reason`, of the first layer that has one."""
        reasons = (layer.plain_reason() for layer in self.layers)
        return next((reason for reason in reasons if reason is not None), None)

    def reset_states(self) -> None:
        """As `Recurrent.reset_states`, of all layers."""
        for layer in self.layers:
            layer.reset_states()

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        x = shapes[0]
        for layer, of_layer in zip(self.layers, self._by_layer(shapes[1:]), strict=True):
            layer.build([x, *of_layer], rng, dtype)
            (x, *_) = layer.output_shapes([x, *of_layer])
        prefixes = [f"cell_{position}/" for position in range(len(self.layers))]
        join_parts(self, list(zip(prefixes, self.layers, strict=True)))

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        x, all_states = shapes[0], list[Shape]()
        for layer, of_layer in zip(self.layers, self._by_layer(shapes[1:]), strict=True):
            x, *states = layer.output_shapes([x, *of_layer])
            all_states += states
        return (x, *(all_states if self.return_state else []))

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return mask if self.return_sequences else None

    def call(self, inputs: Sequence[Array], masks: Sequence[Mask | None], context: Context) -> Call:
        x, mask = inputs[0], masks[0]
        calls, all_states = list[Call](), list[Array]()
        for layer, given in zip(self.layers, self._by_layer(inputs[1:]), strict=True):
            wants = context.wants_d_inputs or bool(calls)
            call = layer.call([x, *given], [mask], context._replace(wants_d_inputs=wants))
            calls.append(call)
            x, *states = call.outputs
            all_states += states
            if layer.go_backwards:  # the next layer gets the steps in the order of computation
                mask = reversed_mask(mask)
        outputs = (x, *(all_states if self.return_state else []))
        of_states = [None] * (len(outputs) - 1)
        return Call(outputs, (self.output_mask(x, masks[0]), *of_states), self._backward_of(calls))

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        return forward_by_call(self, x, mask, rng)

    def _backward_of(self, calls: list[Call]) -> CallBackward:
        def backward(
            d_outputs: Sequence[Array | None],
        ) -> tuple[tuple[Array | None, ...], Gradients]:
            d_x, states = d_outputs[0], list(d_outputs[1:]) or [None] * self._n_states
            gradients: Gradients = {}
            d_given: list[Array | None] = []
            for position in reversed(range(len(calls))):
                layer = self.layers[position]
                of_layer = states[-layer.n_states :]
                del states[-layer.n_states :]
                (d_x, *d_initial), own = calls[position].backward([d_x, *of_layer])
                gradients |= {f"cell_{position}/{key}": value for key, value in own.items()}
                d_given = [*d_initial, *d_given]
            return (d_x, *d_given), gradients

        return backward

    @property
    def _n_states(self) -> int:
        return sum(layer.n_states for layer in self.layers)

    def _by_layer(self, given: Sequence[Any]) -> list[list[Any]]:
        """The initial states of each layer, none if none are given."""
        remaining, parts = list(given), list[list[Any]]()
        for layer in self.layers:
            parts.append(remaining[: layer.n_states])
            remaining = remaining[layer.n_states :]
        return parts
