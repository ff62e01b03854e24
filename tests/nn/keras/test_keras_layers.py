"""Every layer without recurrence against the one of Keras: outputs, masks, gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from against_keras import assert_same_as_keras
from hoiquy.nn.layers import Embedding
from other_layers import OTHERS

L = keras.layers
BATCH = 5
Make = Callable[[], keras.Layer]


class Causal(L.Attention):  # type: ignore[misc]
    """Attention in which a step sees only what is before it."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return super().call(inputs, mask, use_causal_mask=True)


KERAS: dict[str, Make] = {
    "activation tanh": lambda: L.Activation("tanh"),
    "activation softmax": lambda: L.Activation("softmax"),
    "softmax over time": lambda: L.Softmax(axis=1),
    "softmax over two axes": lambda: L.Softmax(axis=(1, 2)),
    "relu": lambda: L.ReLU(),
    "relu with all settings": lambda: L.ReLU(0.9, 0.2, 0.3),
    "leaky relu": lambda: L.LeakyReLU(),
    "elu": lambda: L.ELU(0.7),
    "thresholded relu": lambda: L.ReLU(threshold=0.4),
    "prelu": lambda: L.PReLU(),
    "prelu, shared over time": lambda: L.PReLU(shared_axes=[1]),
    "sequences to dense": lambda: L.Dense(7, "tanh"),
    "sequences to dense softmax": lambda: L.Dense(7, "softmax"),
    "four axes to dense": lambda: L.Dense(4, "sigmoid"),
    "vectors to dense without bias": lambda: L.Dense(4, use_bias=False),
    "dropout of whole steps": lambda: L.Dropout(0.4, noise_shape=(None, None, 1)),
    "spatial dropout": lambda: L.SpatialDropout1D(0.4),
    "gaussian noise": lambda: L.GaussianNoise(0.3),
    "gaussian dropout": lambda: L.GaussianDropout(0.4),
    "alpha dropout": lambda: L.AlphaDropout(0.4),
    "alpha dropout of whole steps": lambda: L.AlphaDropout(0.4, noise_shape=(None, None, 1)),
    "flatten": lambda: L.Flatten(),
    "reshape": lambda: L.Reshape((2, -1)),
    "permute": lambda: L.Permute((3, 1, 2)),
    "repeat vector": lambda: L.RepeatVector(3),
    "masking": lambda: L.Masking(),
    "add": lambda: L.Add(),
    "subtract": lambda: L.Subtract(),
    "multiply": lambda: L.Multiply(),
    "average": lambda: L.Average(),
    "maximum": lambda: L.Maximum(),
    "minimum": lambda: L.Minimum(),
    "add, broadcast": lambda: L.Add(),
    "multiply, broadcast": lambda: L.Multiply(),
    "maximum, broadcast": lambda: L.Maximum(),
    "concatenate": lambda: L.Concatenate(),
    "concatenate steps": lambda: L.Concatenate(axis=1),
    "dot": lambda: L.Dot(2),
    "dot of vectors": lambda: L.Dot(1),
    "dot, normalised": lambda: L.Dot((1, 2), normalize=True),
    "dot of a vector": lambda: L.Dot((1, 2)),
    "dot of four axes": lambda: L.Dot((2, 1)),
    "max pooling without mask": lambda: L.GlobalMaxPooling1D(),
    "max pooling, keepdims": lambda: L.GlobalMaxPooling1D(keepdims=True),
    "mean pooling, keepdims": lambda: L.GlobalAveragePooling1D(keepdims=True),
    **{
        f"{kind.__name__} {size}, {strides}, {padding}": partial(
            kind, size, strides=strides, padding=padding
        )
        for kind in (L.MaxPooling1D, L.AveragePooling1D)
        for size, strides in ((2, None), (3, 2), (2, 3), (3, 1))
        for padding in ("valid", "same")
    },
    "time distributed dense": lambda: L.TimeDistributed(L.Dense(4)),
    "time distributed, four axes": lambda: L.TimeDistributed(L.Conv1D(1, 2)),
    "time distributed batch normalization": lambda: L.TimeDistributed(L.BatchNormalization()),
    **{
        f"conv {size}, {strides}, {dilation}, {padding}": partial(
            L.Conv1D, 5, size, strides=strides, padding=padding, dilation_rate=dilation
        )
        for size, strides, dilation in ((3, 1, 1), (2, 2, 1), (3, 1, 2), (1, 3, 1))
        for padding in ("valid", "same", "causal")
    },
    "conv, groups": lambda: L.Conv1D(6, 3, groups=2, activation="tanh", use_bias=False),
    **{
        f"{kind.__name__} {strides}, {dilation}, {padding}": partial(
            kind, *filters, 3, strides=strides, padding=padding, dilation_rate=dilation,
            depth_multiplier=2, activation="tanh",
        )
        for kind, filters in ((L.DepthwiseConv1D, ()), (L.SeparableConv1D, (5,)))
        for strides, dilation in ((1, 1), (2, 1), (1, 2))
        for padding in ("valid", "same")
    },
    "batch normalization": lambda: L.BatchNormalization(),
    "batch normalization of steps": lambda: L.BatchNormalization(axis=1),
    "batch normalization without gamma": lambda: L.BatchNormalization(scale=False),
    "layer normalization": lambda: L.LayerNormalization(),
    "layer normalization of rows": lambda: L.LayerNormalization(axis=(1, 2)),
    "layer normalization without beta": lambda: L.LayerNormalization(center=False),
    "group normalization": lambda: L.GroupNormalization(2),
    "group normalization of steps": lambda: L.GroupNormalization(3, axis=1),
    "group normalization, one a feature": lambda: L.GroupNormalization(-1, center=False),
    "group normalization of vectors": lambda: L.GroupNormalization(2, scale=False),
    "root mean square normalization": lambda: L.RMSNormalization(),
    "root mean square normalization of rows": lambda: L.RMSNormalization(axis=(1, 2)),
    "unit normalization": lambda: L.UnitNormalization(),
    "unit normalization of rows": lambda: L.UnitNormalization(axis=(1, 2)),
    "zero padding": lambda: L.ZeroPadding1D((2, 1)),
    "cropping": lambda: L.Cropping1D((1, 2)),
    "up sampling": lambda: L.UpSampling1D(3),
    "attention": lambda: L.Attention(),
    "attention with a key": lambda: L.Attention(use_scale=True),
    "attention, concat": lambda: L.Attention(score_mode="concat"),
    "attention, concat, scale": lambda: L.Attention(score_mode="concat", use_scale=True),
    "attention, causal": lambda: Causal(),
    "additive attention": lambda: L.AdditiveAttention(),
    "additive attention with a key": lambda: L.AdditiveAttention(use_scale=False),
    "attention, drops": lambda: L.Attention(dropout=0.4),
    "additive attention, drops": lambda: L.AdditiveAttention(dropout=0.4),
}  # fmt: skip
# In hoiquy this one leaves masked steps out, and softmax over time has one mask for all features.
DIFFERENT_WITH_A_MASK = {"max pooling, keepdims", "softmax over time", "softmax over two axes"}

# Keras calls it with a query and a value; test_keras_heads_and_cells.py compares it.
NAMES = [name for name in OTHERS if not name.startswith("multi-head attention")]


def masks_for(inputs: list[NDArray[Any]], rng: np.random.Generator) -> list[Any]:
    """A mask for each input that has steps, with two steps or more in each row."""
    masks = []
    for x in inputs:
        mask = rng.random(x.shape[:2]) < 0.6
        mask[:, :2] = True
        masks.append(mask if x.ndim == 3 else None)
    return masks


@pytest.mark.parametrize("name", NAMES)
def test_as_in_keras(name: str) -> None:
    rng = np.random.default_rng(3)
    layer = OTHERS[name].build(rng, np.float32)
    for array in layer.parameters.values():
        array[...] = rng.normal(0, 0.6, array.shape)
    assert_same_as_keras(layer, KERAS[name](), OTHERS[name].inputs(rng, np.float32, BATCH))


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in DIFFERENT_WITH_A_MASK])
def test_as_in_keras_with_masks(name: str) -> None:
    rng = np.random.default_rng(4)
    layer = OTHERS[name].build(rng, np.float32)
    inputs = OTHERS[name].inputs(rng, np.float32, BATCH)
    masks = masks_for(inputs, rng)
    if all(mask is None for mask in masks):
        pytest.skip("no input has steps")
    assert_same_as_keras(layer, KERAS[name](), inputs, masks)
    if len(inputs) > 1:
        assert_same_as_keras(layer, KERAS[name](), inputs, [*masks[:-1], None])


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("shape", [(BATCH, 6), (BATCH,), (BATCH, 2, 3)])
def test_embedding_as_in_keras(shape: tuple[int, ...], mask_zero: bool) -> None:
    rng = np.random.default_rng(5)
    layer = Embedding("embedding", input_dim=9, output_dim=4, mask_zero=mask_zero)
    layer.build([shape], rng)
    indices = rng.integers(0, 9, shape).astype(np.int32)
    assert_same_as_keras(layer, L.Embedding(9, 4, mask_zero=mask_zero), [indices])


def test_masking_as_in_keras() -> None:
    rng = np.random.default_rng(6)
    x = rng.integers(0, 2, (BATCH, 6, 2)).astype(np.float32)
    layer = OTHERS["masking"].build(rng, np.float32)
    assert_same_as_keras(layer, L.Masking(), [x])
