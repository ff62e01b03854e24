"""MultiHeadAttention, RNN of cells, and normalisations: as in Keras, before and after files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import hoiquy.keras
from keras_pairs import Build, assert_same_outputs, pair

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning"),  # of Keras itself
    pytest.mark.filterwarnings("ignore:Layer .*was passed an input with a mask"),
]
WORDS, TIME = 11, 5
INDICES = np.random.default_rng(1).integers(0, WORDS, (6, TIME))
INDICES[:, 0] = 3  # no row is masked completely
NUMBERS = np.random.default_rng(2).normal(size=(6, TIME, 4)).astype("float32")


def of_words(body: Callable[[Any, Any], Any]) -> Build:
    """A model of masked word indices; body(layers, sequence) → its last tensor."""

    def build(k: Any) -> Any:
        inputs = k.Input((TIME,))
        x = k.layers.Embedding(WORDS, 4, mask_zero=True)(inputs)
        return k.Model(inputs, body(k.layers, x))

    return build


def of_numbers(body: Callable[[Any, Any], Any]) -> Build:
    def build(k: Any) -> Any:
        inputs = k.Input((TIME, 4))
        return k.Model(inputs, body(k.layers, inputs))

    return build


def encoder(layers: Any, x: Any) -> Any:
    """A block of a transformer."""
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=3)(x, x)
    x = layers.LayerNormalization()(layers.add([x, attended]))
    wide = layers.Dense(4)(layers.Dense(5, "relu")(x))
    x = layers.LayerNormalization()(layers.add([x, wide]))
    return layers.GlobalAveragePooling1D()(x)


def with_states(layers: Any, x: Any) -> Any:
    y, (h, c), other = layers.RNN(
        [layers.LSTMCell(3), layers.GRUCell(2)], return_state=True, return_sequences=True
    )(x)
    after = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])(x, initial_state=[[h, c], other])
    return layers.concatenate([layers.Flatten()(y), after])


def weighted(layers: Any, x: Any) -> Any:
    y, scores = layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)
    return layers.concatenate([layers.Flatten()(y), layers.Flatten()(scores)])


MODELS: dict[str, Build] = {
    "encoder of masked words": of_words(encoder),
    "encoder of numbers": of_numbers(encoder),
    "heads with a causal mask": of_words(
        lambda of, x: of.Flatten()(of.MultiHeadAttention(3, 2)(x, x, use_causal_mask=True))
    ),
    "heads with a key": of_numbers(
        lambda of, x: of.MultiHeadAttention(2, 3, output_shape=3, use_bias=False)(
            x, of.Conv1D(3, 2, padding="same")(x), of.Conv1D(2, 1)(x)
        )
    ),
    "heads and their weights": of_words(weighted),
    "arguments by name": of_numbers(
        lambda of, x: of.MultiHeadAttention(2, 3, kernel_regularizer="l2")(
            query=x, value=of.Dense(3)(x), key=x
        )
    ),
    "causal attention": of_numbers(lambda of, x: of.Attention()([x, x], use_causal_mask=True)),
    "one cell": of_words(lambda of, x: of.RNN(of.LSTMCell(3, activation="relu"))(x)),
    "a simple cell": of_words(
        lambda of, x: of.RNN(of.SimpleRNNCell(3), return_sequences=True, go_backwards=True)(x)
    ),
    "gru without reset_after": of_words(
        lambda of, x: of.RNN(of.GRUCell(3, reset_after=False), return_sequences=True)(x)
    ),
    "stacked cells": of_words(
        lambda of, x: of.RNN(
            of.StackedRNNCells([of.LSTMCell(3), of.LSTMCell(2), of.SimpleRNNCell(4)])
        )(x)
    ),
    "states of stacked cells": of_words(with_states),
    "two directions of a cell": of_words(
        lambda of, x: of.Bidirectional(of.RNN(of.GRUCell(3), return_sequences=True))(x)
    ),
    "groups": of_numbers(lambda of, x: of.GroupNormalization(2)(x)),
    "groups of steps": of_numbers(lambda of, x: of.GroupNormalization(-1, axis=1)(x)),
    "root mean square": of_numbers(lambda of, x: of.RMSNormalization(epsilon=1e-3)(x)),
}


def paths(model: Any) -> list[str]:
    """Where the arrays of the last layer are, without the numbers of names."""
    return [re.sub(r"_\d+", "", one.path) for one in model.layers[-1].weights]


def data_of(model: Any) -> Any:
    return INDICES if len(model.input_shape) == 2 else NUMBERS


@pytest.mark.parametrize("name", MODELS)
def test_outputs_and_training_are_the_same(name: str) -> None:
    keras.utils.set_random_seed(1)
    theirs, ours = pair(MODELS[name])
    x = data_of(ours)
    y = theirs.predict(x, verbose=0)
    assert_same_outputs(y, ours.predict(x, verbose=0))
    assert paths(ours) == paths(theirs)
    histories = []
    for k, model in ((keras, theirs), (hoiquy.keras, ours)):
        model.compile(k.optimizers.SGD(0.001), "mse")  # more amplify rounding
        histories.append(model.fit(x, y + 1, epochs=3, batch_size=3, shuffle=False, verbose=0))
    first, second = (history.history["loss"] for history in histories)
    np.testing.assert_allclose(second, first, rtol=2e-4)


@pytest.mark.parametrize("name", MODELS)
def test_files_go_both_ways(name: str, tmp_path: Path) -> None:
    theirs, ours = pair(MODELS[name])
    x = data_of(ours)
    expected = theirs.predict(x, verbose=0)
    for ending in (".keras", ".h5"):
        theirs.save(tmp_path / f"theirs{ending}")
        loaded = hoiquy.keras.models.load_model(tmp_path / f"theirs{ending}")
        assert_same_outputs(expected, loaded.predict(x, verbose=0))
        ours.save(tmp_path / f"ours{ending}")
        assert_same_outputs(
            keras.models.load_model(tmp_path / f"ours{ending}").predict(x, verbose=0), expected
        )
    ours.save_weights(tmp_path / "w.weights.h5")
    other = keras.models.clone_model(theirs)
    other.load_weights(tmp_path / "w.weights.h5")
    assert_same_outputs(other.predict(x, verbose=0), expected)
