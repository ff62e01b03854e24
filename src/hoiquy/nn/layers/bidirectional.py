"""Bidirectional (Schuster and Paliwal 1997): one layer runs forward, a second one backward."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.recurrent import Recurrent

_FORWARD, _BACKWARD = "forward/", "backward/"


@dataclass
class Bidirectional(Layer):
    """The concatenated outputs of both layers, (..., 2 * units), as Keras' merge_mode="concat".

    The backward layer's output is reversed again, so that step t of both halves belongs to input
    t; without `return_sequences` each half is the last state of its layer.
    """

    forward_layer: Recurrent | None = None
    backward_layer: Recurrent | None = None

    @classmethod
    def create(cls, name: str, forward: Recurrent, backward: Recurrent) -> "Bidirectional":
        """Join two layers of one kind; the result shares their arrays."""
        layer = cls(name, forward_layer=forward, backward_layer=backward)
        for prefix, part in ((_FORWARD, forward), (_BACKWARD, backward)):
            layer.parameters |= {prefix + key: value for key, value in part.parameters.items()}
            layer.penalties |= {prefix + key: value for key, value in part.penalties.items()}
        return layer

    @property
    def _directions(self) -> tuple[Recurrent, Recurrent]:
        assert self.forward_layer is not None and self.backward_layer is not None
        return self.forward_layer, self.backward_layer

    @property
    def return_sequences(self) -> bool:
        return self._directions[0].return_sequences

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        (shape,) = self._directions[0].output_shapes(shapes)
        return ((*shape[:-1], 2 * self._directions[0].weights.units),)

    def output_mask(self, x: Array, mask: Mask | None) -> Mask | None:
        return mask if self.return_sequences else None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        first, second = self._directions
        y, first_backward = first.forward(x, mask, rng)
        reversed_mask = None if mask is None else mask[:, ::-1]
        reversed_y, second_backward = second.forward(x[:, ::-1], reversed_mask, rng)
        units = y.shape[-1]
        if self.return_sequences:
            reversed_y = reversed_y[:, ::-1]

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            second_d_y = d_y[:, ::-1, units:] if self.return_sequences else d_y[:, units:]
            d_x, gradients = first_backward(d_y[..., :units])
            reversed_d_x, second_gradients = second_backward(second_d_y)
            if d_x is not None and reversed_d_x is not None:
                d_x = d_x + reversed_d_x[:, ::-1]
            return d_x, {_FORWARD + key: value for key, value in gradients.items()} | {
                _BACKWARD + key: value for key, value in second_gradients.items()
            }

        return _concatenated(y, reversed_y), backward

    def inference(self, embeddings: Array | None = None) -> Callable[[Any, Mask | None], Array]:
        """As `Recurrent.inference`."""
        first, second = (layer.inference(embeddings) for layer in self._directions)

        def run(x: Any, mask: Mask | None) -> Array:
            reversed_y = second(x[:, ::-1], None if mask is None else mask[:, ::-1])
            reversed_y = reversed_y[:, ::-1] if self.return_sequences else reversed_y
            return _concatenated(first(x, mask), reversed_y)

        return run


def _concatenated(y: Array, reversed_y: Array) -> Array:
    """Both halves, with the memory order of the first: `np.concatenate` would copy batch-first."""
    if y.ndim == 2:
        return np.concatenate([y, reversed_y], axis=-1)
    halves = [y.swapaxes(0, 1), reversed_y.swapaxes(0, 1)]
    return np.concatenate(halves, axis=-1).swapaxes(0, 1)
