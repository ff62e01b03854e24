"""DepthwiseConv1D and SeparableConv1D: each feature has its own windows, as Keras'."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.initializers import GlorotUniform, Initializer
from hoiquy.nn.kernels import Array, kernels_for
from hoiquy.nn.layers.base import Gradients, Shape, known_features
from hoiquy.nn.layers.convolution import Convolution, ConvolutionBackward


@dataclass
class DepthwiseConv1D(Convolution):
    """Each feature gives depth_multiplier channels, which see only this feature."""

    depth_multiplier: int = 1
    depthwise_initializer: Initializer = field(default_factory=GlorotUniform)

    def channels(self, features: int) -> int:
        return features * self.depth_multiplier

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.output_shapes(shapes)
        features = known_features(self, shapes[0])
        shape = (self.kernel_size, features, self.depth_multiplier)
        self.add_parameter("kernel", shape, self.depthwise_initializer, rng, dtype)
        self.add_bias(self.channels(features), rng, dtype)

    def convolve(self, x: Array) -> tuple[Array, ConvolutionBackward]:
        sums, sums_backward = self.depthwise(x, self.parameters["kernel"])

        def backward(d_sums: Array) -> tuple[Array, Gradients]:
            d_x, d_kernel = sums_backward(d_sums)
            return d_x, {"kernel": d_kernel}

        return sums + self.bias(sums.shape[-1], x.dtype), backward

    def depthwise(
        self, x: Array, kernel: Array
    ) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
        """(time, batch, features) by a kernel (steps, features, multiplier); no bias.

        backward(d_sums) → (d_x, d_kernel).
        """
        windows = self.windows
        padded, places = windows.padded(x, 0), list(windows.places(len(x)))
        steps = [padded[place][..., None] for place in places]
        sums = sum(step * weights for step, weights in zip(steps, kernel, strict=True))

        def backward(d_sums: Array) -> tuple[Array, Array]:
            d_products = d_sums.reshape(*d_sums.shape[:2], *kernel.shape[1:])
            d_padded, d_kernel = np.zeros_like(padded), np.empty_like(kernel)
            for k, (step, place) in enumerate(zip(steps, places, strict=True)):
                d_kernel[k] = (step * d_products).sum(axis=(0, 1))
                d_padded[place] += (d_products * kernel[k]).sum(axis=-1)
            return windows.unpadded(d_padded, len(x)), d_kernel

        whole = np.asarray(sums)
        return whole.reshape(*whole.shape[:2], -1), backward


@dataclass
class SeparableConv1D(DepthwiseConv1D):
    """A depthwise convolution, then a dense layer at each step (Chollet 2017)."""

    filters: int = 1
    pointwise_initializer: Initializer = field(default_factory=GlorotUniform)

    def channels(self, features: int) -> int:
        return self.filters

    @property
    def built_features(self) -> int:
        return int(self.parameters["depthwise_kernel"].shape[1])

    def build(self, shapes: Sequence[Shape], rng: Generator, dtype: DTypeLike = np.float32) -> None:
        self.output_shapes(shapes)
        features = known_features(self, shapes[0])
        shape = (self.kernel_size, features, self.depth_multiplier)
        self.add_parameter("depthwise_kernel", shape, self.depthwise_initializer, rng, dtype)
        shape = (1, features * self.depth_multiplier, self.filters)
        self.add_parameter("pointwise_kernel", shape, self.pointwise_initializer, rng, dtype)
        self.add_bias(self.filters, rng, dtype)

    def convolve(self, x: Array) -> tuple[Array, ConvolutionBackward]:
        inner, inner_backward = self.depthwise(x, self.parameters["depthwise_kernel"])
        kernel = self.parameters["pointwise_kernel"][0]
        rows = inner.reshape(-1, inner.shape[-1])
        bias = self.bias(self.filters, x.dtype)
        sums = kernels_for(x.dtype).affine(rows, kernel, bias).reshape(*inner.shape[:2], -1)

        def backward(d_sums: Array) -> tuple[Array, Gradients]:
            d_rows = d_sums.reshape(-1, self.filters)
            d_x, d_depthwise = inner_backward((d_rows @ kernel.T).reshape(inner.shape))
            pointwise = (rows.T @ d_rows)[None]
            return d_x, {"depthwise_kernel": d_depthwise, "pointwise_kernel": pointwise}

        return sums, backward
