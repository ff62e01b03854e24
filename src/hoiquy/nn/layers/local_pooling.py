"""MaxPooling1D and AveragePooling1D: pooling over windows of steps. They drop masks, as Keras'."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.layers.base import Backward, Gradients, Layer, Shape
from hoiquy.nn.layers.windows import Padding, Windows


@dataclass
class _LocalPooling(Layer):
    """(batch, time, features) → (batch, windows, features).

    strides: from one window to the next; None: pool_size. padding: "valid" or "same".
    """

    pool_size: int = 2
    strides: int | None = None
    padding: Padding = "valid"

    @property
    def windows(self) -> Windows:
        return Windows(self.pool_size, self.strides or self.pool_size, padding=self.padding)

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0], "(batch, time, features)")
        batch, time, features = shapes[0]
        count = self.windows.count(time)
        if count == 0:
            raise self.refuse_shape(shapes[0], f"{self.pool_size} steps or more")
        return ((batch, count, features),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        self.output_shapes([x.shape])
        y, backward_time_first = self.pool(x.swapaxes(0, 1))

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            return backward_time_first(d_y.swapaxes(0, 1)).swapaxes(0, 1), {}

        return y.swapaxes(0, 1), backward

    @abstractmethod
    def pool(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Pool (time, batch, features); backward(d_y) → d_x."""


@dataclass
class MaxPooling1D(_LocalPooling):
    """The maximum of each feature in each window; the first of equals gets the gradient."""

    def pool(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        padded, places = self.windows.padded(x, -np.inf), list(self.windows.places(len(x)))
        steps = np.stack([padded[place] for place in places])
        chosen = steps.argmax(axis=0)

        def backward(d_y: Array) -> Array:
            d_padded = np.zeros_like(padded)
            for step, place in enumerate(places):
                d_padded[place] += np.where(chosen == step, d_y, d_y.dtype.type(0))
            return self.windows.unpadded(d_padded, len(x))

        return steps.max(axis=0), backward


@dataclass
class AveragePooling1D(_LocalPooling):
    """The mean of each feature in each window; padding does not count."""

    def pool(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        padded, places = self.windows.padded(x, 0), list(self.windows.places(len(x)))
        is_step = self.windows.padded(np.ones((len(x), 1, 1), x.dtype), 0)
        counts = sum(is_step[place] for place in places)
        total = sum(padded[place] for place in places)

        def backward(d_y: Array) -> Array:
            d_padded, share = np.zeros_like(padded), d_y / counts
            for place in places:
                d_padded[place] += share
            return self.windows.unpadded(d_padded, len(x))

        return np.asarray(total / counts), backward
