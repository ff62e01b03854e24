"""Layers of scripts for Keras 1 on Theano."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import backend as K  # noqa: N812
from hoiquy.keras import initializations
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Dense,
    Embedding,
    Input,
    Layer,
    TimeDistributed,
)
from hoiquy.keras.models import Model, Sequential
from hoiquy.keras.usage import IgnoredArgumentWarning


class Attention(Layer):
    """Weights of steps, as in the hierarchical attention networks of 2016."""

    def __init__(self, **kwargs: Any) -> None:
        self.init = initializations.get("normal")
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        self.W = self.init((input_shape[-1],), name=f"{self.name}_W")
        self.trainable_weights = [self.W]
        super().build(input_shape)

    def call(self, x: Any, mask: Any = None) -> Any:
        powers = K.exp(K.tanh(K.dot(x, self.W)))
        weights = powers / K.sum(powers, axis=1).dimshuffle(0, "x")
        return (x * weights.dimshuffle(0, 1, "x")).sum(axis=1)

    def get_output_shape_for(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1])


def test_hierarchical_attention_trains() -> None:
    words = Input((5,))
    steps = GRU(4, return_sequences=True)(Embedding(30, 4)(words))
    sentence = Model(words, Attention()(steps))
    text = Input((3, 5))
    model = Model(text, Attention()(GRU(1, return_sequences=True)(TimeDistributed(sentence)(text))))
    model.compile("adam", "mse")
    given = np.random.default_rng(1).integers(0, 30, (8, 3, 5))
    before = model.get_weights()
    history = model.fit(given, np.zeros((8, 1)), nb_epoch=15, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_initializations_make_variables() -> None:
    assert np.array_equal(initializations.one((2, 3)).numpy(), np.ones((2, 3)))
    made = initializations.glorot_uniform((40, 2), name="kernel")
    assert made.name == "kernel"
    assert 0.2 < np.abs(made.numpy()).max() < 0.4
    assert initializations.get(abs) is abs
    with pytest.raises(KerasError, match="nomal"):
        initializations.get("nomal")
    assert not hasattr(initializations, "sparse")


def test_the_modes_of_batch_normalization() -> None:
    BatchNormalization(mode=0)
    with pytest.warns(IgnoredArgumentWarning, match="predictions use the moving averages"):
        BatchNormalization(mode=2)
    with pytest.raises(NotSupportedError, match="use LayerNormalization"):
        BatchNormalization(mode=1)
    with pytest.raises(KerasError, match="expected 0 or 2"):
        BatchNormalization(mode=3)


def test_two_sizes_are_those_of_inputs_and_outputs_as_in_keras_0() -> None:
    model = Sequential()
    model.add(Embedding(40, 10))
    model.add(GRU(10, 5, return_sequences=True))
    model.add(Dense(5, 3, activation="softmax"))
    assert model.predict(np.ones((2, 4)), verbose=0).shape == (2, 4, 3)
    first = Sequential([Dense(6, 2, init="uniform")])
    assert first.input_shape == (None, 6)
    assert first.output_shape == (None, 2)
    assert LSTM(4, "relu").get_config()["activation"] == "relu"
