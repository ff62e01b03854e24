"""Bidirectional (Schuster and Paliwal 1997): one layer reads forward, a second one backward."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer
from hoiquy.nn.layers.recurrent import Recurrent

_FORWARD, _BACKWARD = "forward/", "backward/"


@dataclass
class Bidirectional(Layer):
    """Both directions side by side: (..., 2 * units), as Keras' merge_mode="concat".

    The backward layer's sequence is turned round again, so that step t of both halves belongs to
    input t; without `return_sequences` each half is its own last state.
    """

    forward_layer: Recurrent | None = None
    backward_layer: Recurrent | None = None

    @classmethod
    def create(cls, name: str, forward: Recurrent, backward: Recurrent) -> "Bidirectional":
        """Join two layers of one kind; they share their arrays with the result."""
        layer = cls(name, forward_layer=forward, backward_layer=backward)
        for prefix, part in ((_FORWARD, forward), (_BACKWARD, backward)):
            layer.parameters |= {prefix + key: value for key, value in part.parameters.items()}
            layer.penalties |= {prefix + key: value for key, value in part.penalties.items()}
        return layer

    @property
    def _parts(self) -> tuple[Recurrent, Recurrent]:
        assert self.forward_layer is not None and self.backward_layer is not None
        return self.forward_layer, self.backward_layer

    @property
    def keeps_time(self) -> bool:
        return self._parts[0].keeps_time

    def output_features(self, features: int) -> int:
        return 2 * self._parts[0].output_features(features)

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        ahead, behind = self._parts
        y_ahead, backward_ahead = ahead.forward(x, mask, rng)
        mask_turned = None if mask is None else mask[::-1]
        y_behind, backward_behind = behind.forward(x[::-1], mask_turned, rng)
        units = y_ahead.shape[-1]
        if self.keeps_time:
            y_behind = y_behind[::-1]

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            d_behind = d_y[::-1, :, units:] if self.keeps_time else d_y[:, units:]
            d_x, gradients = backward_ahead(d_y[..., :units])
            d_x_turned, gradients_behind = backward_behind(d_behind)
            if d_x is not None and d_x_turned is not None:
                d_x = d_x + d_x_turned[::-1]
            return d_x, {_FORWARD + key: value for key, value in gradients.items()} | {
                _BACKWARD + key: value for key, value in gradients_behind.items()
            }

        return np.concatenate([y_ahead, y_behind], axis=-1), backward

    def inference(self, embeddings: Array | None = None) -> Callable[[Any, Mask | None], Array]:
        """As `Recurrent.inference`."""
        ahead, behind = (part.inference(embeddings) for part in self._parts)

        def run(x: Any, mask: Mask | None) -> Array:
            y_behind = behind(x[::-1], None if mask is None else mask[::-1])
            y_behind = y_behind[::-1] if self.keeps_time else y_behind
            return np.concatenate([ahead(x, mask), y_behind], axis=-1)

        return run
