"""Convolutions along steps in a script's code: on arrays, in layers of its own, and in models."""

from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras import backend, ops
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.import_hook.tensorflow import nn as tf_nn
from hoiquy.keras.layers import Conv1D, Dense, Flatten, Input

RNG = np.random.default_rng(4)
X = RNG.standard_normal((3, 11, 4)).astype(np.float32)
SETTINGS = [
    (strides, padding, dilation, width)
    for strides in (1, 2, 3)
    for padding in ("valid", "same", "causal")
    for dilation in (1, 2)
    for width in (1, 3, 4)
    if strides == 1 or dilation == 1
]


@pytest.mark.parametrize(("strides", "padding", "dilation", "width"), SETTINGS)
def test_as_the_layer(strides: int, padding: str, dilation: int, width: int) -> None:
    layer = Conv1D(5, width, strides, padding, dilation_rate=dilation, use_bias=False)
    expected = layer(X)
    kernel = layer.get_weights()[0]
    for found in (
        ops.conv(X, kernel, [strides], padding, dilation_rate=dilation),
        backend.conv1d(X, kernel, strides, padding, dilation_rate=dilation),
        tf_nn.conv1d(X, kernel, strides, padding.upper(), dilations=dilation),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    x = Input((11, 4))
    model = keras.Model(x, ops.conv(x, kernel, strides, padding, dilation_rate=dilation))
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-4, atol=1e-5)


class Own(keras.layers.Layer):
    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(shape=(3, input_shape[-1], 5), name="kernel")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        return backend.conv1d(inputs, self.kernel, padding="same")


def test_gradients_are_those_of_the_layer() -> None:
    models = []
    for layer in (Own(), Conv1D(5, 3, padding="same", use_bias=False)):
        made = keras.Sequential([Input((11, 4)), layer, Flatten(), Dense(1)])
        made.compile("sgd", "mse")
        models.append(made)
    own, plain = models
    plain.set_weights(own.get_weights())
    for made in models:
        made.fit(X, X[:, 0, :1], epochs=3, batch_size=3, verbose=0)
    for a, b in zip(own.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_wrong_use_is_one_line() -> None:
    kernel = np.ones((2, 4, 1), np.float32)
    with pytest.raises(KerasError, match="padding"):
        ops.conv(X, kernel, padding="full")
    with pytest.raises(NotSupportedError, match=r"conv is for arrays \(rows, steps, features\)"):
        ops.conv(np.ones((1, 4, 4, 1)), np.ones((2, 2, 1, 1)))
