"""The layers without recurrence by name, with the shapes of a row of their inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Context, Layer
from hoiquy.nn.layers.base import Backward, Shape
from hoiquy.nn.regularizers import L1L2

Array = NDArray[Any]
SEQUENCE, VECTOR = (6, 3), (7,)


class Case(NamedTuple):
    """make: a layer that is not built yet. shapes: of a row of each input."""

    make: Callable[[str], Layer]
    shapes: tuple[tuple[int, ...], ...] = (SEQUENCE,)

    def build(self, rng: Generator, dtype: DTypeLike) -> Layer:
        layer = self.make("layer")
        layer.build([(None, *shape) for shape in self.shapes], rng, dtype)
        return layer

    def inputs(self, rng: Generator, dtype: DTypeLike, batch: int) -> list[Array]:
        return [rng.standard_normal((batch, *shape)).astype(dtype) for shape in self.shapes]


@dataclass
class OfOneInput(Layer):
    """A layer that takes the numbers of all its inputs as one input (batch, numbers)."""

    layer: Layer = field(default_factory=lambda: Layer("none"))
    shapes: tuple[tuple[int, ...], ...] = ()

    def output_shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        return self.layer.output_shapes([(shapes[0][0], *shape) for shape in self.shapes])

    def output_mask(self, x: Array, mask: Any) -> Any:
        return self.layer.call(self._parts(x), self._masks(mask), Context()).masks[0]

    def forward(self, x: Array, mask: Any, rng: Generator | None) -> tuple[Array, Backward]:
        call = self.layer.call(self._parts(x), self._masks(mask), Context(rng))

        def backward(d_y: Array) -> tuple[Array, Any]:
            d_inputs, gradients = call.backward([d_y])
            flat = [d_x.reshape(len(x), -1) for d_x in d_inputs if d_x is not None]
            return np.concatenate(flat, axis=1).reshape(x.shape), gradients

        return call.outputs[0], backward

    def _parts(self, x: Array) -> list[Array]:
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1].tolist()
        parts = np.split(x.reshape(len(x), -1), ends, axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def _masks(self, mask: Any) -> list[Any]:
        return [mask] if len(self.shapes) == 1 else [None] * len(self.shapes)


def of_one_input(case: Case, rng: Generator, dtype: DTypeLike) -> Layer:
    """The layer of a case, with all its inputs as one if there are several."""
    layer = case.build(rng, dtype)
    if len(case.shapes) == 1 and type(layer).forward is not Layer.forward:
        return layer
    return OfOneInput(layer.name, layer.parameters, layer=layer, shapes=case.shapes)


def one(kind: Callable[..., Layer], *shapes: tuple[int, ...], **settings: Any) -> Case:
    """A layer with these settings, for sequences unless shapes are given."""
    return Case(partial(kind, **settings), shapes or (SEQUENCE,))


ACTIVATIONS = {
    "activation tanh": one(nn.Activation, activation="tanh"),
    "activation softmax": one(nn.Activation, VECTOR, activation="softmax"),
    "softmax over time": one(nn.Softmax, axis=1),
    "softmax over two axes": one(nn.Softmax, axis=(1, 2)),
    "relu": one(nn.ReLU),
    "relu with all settings": one(nn.ReLU, max_value=0.9, negative_slope=0.2, threshold=0.3),
    "leaky relu": one(nn.LeakyReLU),
    "elu": one(nn.ELU, alpha=0.7),
    "thresholded relu": one(nn.ThresholdedReLU, theta=0.4),
    "prelu": one(nn.PReLU),
    "prelu, shared over time": one(nn.PReLU, shared_axes=(1,)),
}
DENSE = {
    "sequences to dense": one(nn.Dense, units=7, activation="tanh"),
    "sequences to dense softmax": one(nn.Dense, units=7, activation="softmax"),
    "four axes to dense": one(nn.Dense, (2, 3, 5), units=4, activation="sigmoid"),
    "vectors to dense without bias": one(nn.Dense, VECTOR, units=4, use_bias=False),
}
DROPPING = {
    "dropout of whole steps": one(nn.Dropout, rate=0.4, noise_shape=(None, None, 1)),
    "spatial dropout": one(nn.SpatialDropout1D, rate=0.4),
    "gaussian noise": one(nn.GaussianNoise, stddev=0.3),
    "gaussian dropout": one(nn.GaussianDropout, rate=0.4),
    "alpha dropout": one(nn.AlphaDropout, rate=0.4),
    "attention, drops": one(nn.Attention, (6, 3), (4, 3), dropout=0.4),
    "additive attention, drops": one(nn.AdditiveAttention, (6, 3), (4, 3), dropout=0.4),
    "multi-head attention, drops": one(
        nn.MultiHeadAttention, (6, 3), (4, 3), num_heads=2, key_dim=3, dropout=0.4
    ),
    "alpha dropout of whole steps": one(nn.AlphaDropout, rate=0.4, noise_shape=(None, None, 1)),
}
MOVING = {
    "flatten": one(nn.Flatten),
    "reshape": one(nn.Reshape, target_shape=(2, -1)),
    "permute": one(nn.Permute, (2, 3, 4), dims=(3, 1, 2)),
    "repeat vector": one(nn.RepeatVector, VECTOR, n=3),
    "masking": one(nn.Masking),
}
MERGING = {
    **{
        f"{kind.__name__.lower()}": one(kind, *shapes)
        for kind, shapes in (
            (nn.Add, (SEQUENCE,) * 3),
            (nn.Subtract, (SEQUENCE,) * 2),
            (nn.Multiply, (SEQUENCE,) * 3),
            (nn.Average, (SEQUENCE,) * 3),
            (nn.Maximum, (SEQUENCE,) * 3),
            (nn.Minimum, (SEQUENCE,) * 3),
        )
    },
    "add, broadcast": one(nn.Add, (6, 3), (1, 3), (6, 1)),
    "multiply, broadcast": one(nn.Multiply, (6, 3), (3,)),
    "maximum, broadcast": one(nn.Maximum, (6, 3), (1, 3)),
    "concatenate": one(nn.Concatenate, (6, 3), (6, 2), (6, 4)),
    "concatenate steps": one(nn.Concatenate, (6, 3), (2, 3), axis=1),
    "dot": one(nn.Dot, (6, 3), (4, 3), axes=2),
    "dot of vectors": one(nn.Dot, (7,), (7,), axes=1),
    "dot, normalised": one(nn.Dot, (6, 3), (5, 6), axes=(1, 2), normalize=True),
    "dot of a vector": one(nn.Dot, (3,), (4, 3), axes=(1, 2)),
    "dot of four axes": one(nn.Dot, (2, 3, 4), (3, 5), axes=(2, 1)),
}
POOLING = {
    "max pooling without mask": one(nn.MaxPooling, uses_mask=False),
    "max pooling, keepdims": one(nn.MaxPooling, keepdims=True),
    "mean pooling, keepdims": one(nn.MeanPooling, keepdims=True),
    **{
        f"{kind.__name__} {pool_size}, {strides}, {padding}": one(
            kind, (7, 3), pool_size=pool_size, strides=strides, padding=padding
        )
        for kind in (nn.MaxPooling1D, nn.AveragePooling1D)
        for pool_size, strides in ((2, None), (3, 2), (2, 3), (3, 1))
        for padding in ("valid", "same")
    },
}
PER_STEP = {
    "time distributed dense": one(
        lambda name, **_: nn.TimeDistributed(name, layer=nn.Dense("each", units=4))
    ),
    "time distributed, four axes": one(
        lambda name, **_: nn.TimeDistributed(name, layer=nn.Conv1D("each", kernel_size=2)),
        (4, 5, 3),
    ),
    "time distributed batch normalization": one(
        lambda name, **_: nn.TimeDistributed(name, layer=nn.BatchNormalization("each"))
    ),
}
CONVOLUTIONS = {
    **{
        f"conv {size}, {strides}, {dilation}, {padding}": one(
            nn.Conv1D, (9, 4), filters=5, kernel_size=size, strides=strides, padding=padding,
            dilation_rate=dilation,
        )
        for size, strides, dilation in ((3, 1, 1), (2, 2, 1), (3, 1, 2), (1, 3, 1))
        for padding in ("valid", "same", "causal")
    },
    "conv, groups": one(
        nn.Conv1D, (9, 4), filters=6, kernel_size=3, groups=2, activation="tanh", use_bias=False
    ),
    **{
        f"{kind.__name__} {strides}, {dilation}, {padding}": one(
            kind, (9, 4), kernel_size=3, strides=strides, dilation_rate=dilation, padding=padding,
            depth_multiplier=2, activation="tanh", **more,
        )
        for kind, more in ((nn.DepthwiseConv1D, {}), (nn.SeparableConv1D, {"filters": 5}))
        for strides, dilation in ((1, 1), (2, 1), (1, 2))
        for padding in ("valid", "same")
    },
}  # fmt: skip
NORMALISING = {
    "batch normalization": one(nn.BatchNormalization),
    "batch normalization of steps": one(nn.BatchNormalization, axis=1),
    "batch normalization without gamma": one(nn.BatchNormalization, VECTOR, scale=False),
    "layer normalization": one(nn.LayerNormalization),
    "layer normalization of rows": one(nn.LayerNormalization, axis=(1, 2)),
    "layer normalization without beta": one(nn.LayerNormalization, VECTOR, center=False),
    "group normalization": one(nn.GroupNormalization, (6, 4), groups=2),
    "group normalization of steps": one(nn.GroupNormalization, groups=3, axis=1),
    "group normalization, one a feature": one(nn.GroupNormalization, groups=-1, center=False),
    "group normalization of vectors": one(nn.GroupNormalization, (8,), groups=2, scale=False),
    "root mean square normalization": one(nn.RMSNormalization),
    "root mean square normalization of rows": one(nn.RMSNormalization, axis=(1, 2)),
    "unit normalization": one(nn.UnitNormalization),
    "unit normalization of rows": one(nn.UnitNormalization, axis=(1, 2)),
}
RESIZING = {
    "zero padding": one(nn.ZeroPadding1D, padding=(2, 1)),
    "cropping": one(nn.Cropping1D, cropping=(1, 2)),
    "up sampling": one(nn.UpSampling1D, size=3),
}
ATTENDING = {
    "attention": one(nn.Attention, (6, 3), (4, 3)),
    "attention with a key": one(nn.Attention, (6, 3), (4, 5), (4, 3), use_scale=True),
    "attention, concat": one(nn.Attention, (6, 3), (4, 3), score_mode="concat"),
    "attention, concat, scale": one(
        nn.Attention, (6, 3), (4, 3), score_mode="concat", use_scale=True
    ),
    "attention, causal": one(nn.Attention, (6, 3), (6, 3), causal=True),
    "multi-head attention": one(nn.MultiHeadAttention, (6, 3), (4, 3), num_heads=2, key_dim=3),
    "multi-head attention with a key": one(
        nn.MultiHeadAttention, (6, 3), (4, 5), (4, 2), num_heads=3, key_dim=2, value_dim=4, units=5
    ),
    "multi-head attention, causal": one(
        nn.MultiHeadAttention, (6, 3), (6, 3), num_heads=2, key_dim=3, causal=True, use_bias=False
    ),
    "additive attention": one(nn.AdditiveAttention, (6, 3), (4, 3)),
    "additive attention with a key": one(
        nn.AdditiveAttention, (6, 3), (4, 5), (4, 3), use_scale=False
    ),
}
PENALISING = {
    "activity regularization": one(nn.ActivityRegularization, regularizer=L1L2(0.01, 0.02))
}
OTHERS: dict[str, Case] = {
    **ACTIVATIONS,
    **DENSE,
    **DROPPING,
    **MOVING,
    **MERGING,
    **POOLING,
    **PER_STEP,
    **CONVOLUTIONS,
    **NORMALISING,
    **RESIZING,
    **ATTENDING,
}
