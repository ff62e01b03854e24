"""Conv1D: a dense layer on windows of steps. It drops masks, as Keras'."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.errors import ShapeError
from hoiquy.nn.activations import Activation, activation_of
from hoiquy.nn.initializers import GlorotUniform, Initializer, Zeros
from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers.base import (
    Backward,
    Gradients,
    Layer,
    Shape,
    known_features,
)
from hoiquy.nn.layers.dense import NORMALIZING
from hoiquy.nn.layers.windows import Padding, Windows


@dataclass
class Convolution(Layer):
    """The base class of convolutions: (batch, time, features) → (batch, windows, channels).

    kernel_size, strides, dilation_rate, padding: see `Windows`.
    """

    kernel_size: int = 1
    strides: int = 1
    padding: Padding = "valid"
    dilation_rate: int = 1
    activation: str | Activation = "linear"
    use_bias: bool = True
    bias_initializer: Initializer = field(default_factory=Zeros)

    @property
    def windows(self) -> Windows:
        return Windows(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    @property
    def final_activation(self) -> str | None:
        return self.activation if isinstance(self.activation, str) else None

    def logits_layer(self) -> "Convolution | None":
        return replace(self, activation="linear") if self.activation in NORMALIZING else None

    def channels(self, features: int) -> int:
        """The number of output channels."""
        raise NotImplementedError

    @property
    def built_features(self) -> int:
        """The features of the inputs that the layer was built for."""
        return int(self.parameters["kernel"].shape[1])

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        if len(shapes[0]) != 3:
            raise self.refuse_shape(shapes[0], "(batch, time, features)")
        if any(key.endswith("kernel") for key in self.parameters):
            self.require_size(shapes[0], -1, self.built_features)
        batch, time, _ = shapes[0]
        count = self.windows.count(time)
        if count == 0:
            raise self.refuse_shape(shapes[0], f"{self.windows.reach} steps or more")
        return ((batch, count, self.channels(known_features(self, shapes[0]))),)

    def output_mask(self, x: Array, mask: Mask | None) -> None:
        return None

    def add_bias(self, channels: int, rng: Generator, dtype: DTypeLike) -> None:
        if self.use_bias:
            self.add_parameter("bias", (channels,), self.bias_initializer, rng, dtype)

    def bias(self, channels: int, dtype: DTypeLike) -> Array:
        """The bias; zeros without one."""
        return self.parameters.get("bias", np.zeros(channels, dtype))

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        self.output_shapes([x.shape])
        activation = activation_of(self.activation)
        sums, sums_backward = self.convolve(np.ascontiguousarray(x.swapaxes(0, 1)))
        y = activation.function(sums)

        def backward(d_y: Array) -> tuple[Array | None, Gradients]:
            d_sums = activation.gradient(d_y.swapaxes(0, 1), sums, y)
            d_x, gradients = sums_backward(d_sums)
            if self.use_bias:
                gradients["bias"] = d_sums.sum(axis=(0, 1))
            return d_x.swapaxes(0, 1), gradients

        return y.swapaxes(0, 1), backward

    def convolve(self, x: Array) -> "tuple[Array, ConvolutionBackward]":
        """The sums of (time, batch, features), bias included.

        backward(d_sums) → (d_x, gradients without that of the bias).
        """
        raise NotImplementedError


ConvolutionBackward = Callable[[Array], tuple[Array, Gradients]]


@dataclass
class Conv1D(Convolution):
    """activation(windows W + b); with groups, each group of channels has its own features."""

    filters: int = 1
    groups: int = 1
    kernel_initializer: Initializer = field(default_factory=GlorotUniform)

    def channels(self, features: int) -> int:
        return self.filters

    @property
    def built_features(self) -> int:
        return super().built_features * self.groups

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.output_shapes(shapes)
        features = known_features(self, shapes[0])
        if features % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"{self.name}: {features} features and {self.filters} filters cannot be divided "
                f"into {self.groups} groups"
            )
        shape = (self.kernel_size, features // self.groups, self.filters)
        self.add_parameter("kernel", shape, self.kernel_initializer, rng, dtype)
        self.add_bias(self.filters, rng, dtype)

    def convolve(self, x: Array) -> tuple[Array, ConvolutionBackward]:
        kernel, windows = self.parameters["kernel"], self.windows
        _, features, filters = kernel.shape
        padded, places = windows.padded(x, 0), list(windows.places(len(x)))
        parts = [
            (slice(g * features, (g + 1) * features), slice(g * size, (g + 1) * size))
            for size in [filters // self.groups]
            for g in range(self.groups)
        ]
        affine, bias = kernels_for(x.dtype).affine, self.bias(filters, x.dtype)
        # One product for each step of a window: copies of all windows would take more memory.
        sums = np.empty((windows.count(len(x)) or 0, x.shape[1], filters), x.dtype)
        for inputs, outputs in parts:
            for step, place in enumerate(places):
                rows = padded[place][..., inputs].reshape(-1, features)
                step_bias = bias[outputs] if step == 0 else np.zeros_like(bias[outputs])
                weights = np.ascontiguousarray(kernel[step, :, outputs])
                product = affine(rows, weights, step_bias).reshape(*sums.shape[:2], -1)
                if step == 0:
                    sums[..., outputs] = product
                else:
                    sums[..., outputs] += product

        def backward(d_sums: Array) -> tuple[Array, Gradients]:
            d_padded, d_kernel = np.zeros_like(padded), np.empty_like(kernel)
            for inputs, outputs in parts:
                d_rows = d_sums[..., outputs].reshape(-1, outputs.stop - outputs.start)
                for step, place in enumerate(places):
                    rows = padded[place][..., inputs].reshape(-1, features)
                    d_kernel[step, :, outputs] = rows.T @ d_rows
                    d_step = d_rows @ kernel[step, :, outputs].T
                    d_padded[place][..., inputs] += d_step.reshape(*sums.shape[:2], -1)
            return windows.unpadded(d_padded, len(x)), {"kernel": d_kernel}

        return sums, backward
