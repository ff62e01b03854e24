"""`Merge` of Keras 1: of branches at the start of a Sequential, and as a layer with a mode."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras import backend
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.layers import (
    GRU,
    LSTM,
    Conv1D,
    Dense,
    Embedding,
    GlobalMaxPooling1D,
    Input,
    Merge,
    Permute,
    concatenate,
)
from hoiquy.keras.models import Model, Sequential

WORDS = np.random.default_rng(2).integers(0, 20, (12, 6))
PAIR = [np.float32([[1, 2], [3, 4]]), np.float32([[5, 6], [7, 9]])]


def branches() -> tuple[Sequential, Sequential]:
    return (
        Sequential([Embedding(20, 5, input_length=6), LSTM(4)]),
        Sequential([Embedding(20, 5, input_length=6), Conv1D(4, 3), GlobalMaxPooling1D()]),
    )


def joined(mode: Any = "concat", **settings: Any) -> tuple[Any, Sequential]:
    """A Sequential of two branches, and the same network as Model(inputs, outputs)."""
    left, right = branches()
    last = Dense(3, "softmax")
    model = Sequential()
    model.add(Merge([left, right], mode=mode, **settings))
    model.add(last)
    outputs = last(concatenate([left.output, right.output]))
    return Model([left.input, right.input], outputs), model


def test_a_sequential_of_two_branches_is_the_model_of_their_layers() -> None:
    expected, model = joined(concat_axis=1)
    np.testing.assert_array_equal(
        model.predict([WORDS, WORDS[::-1]], verbose=0),
        expected.predict([WORDS, WORDS[::-1]], verbose=0),
    )
    assert model.input_shape == [(None, 6), (None, 6)] and model.output_shape == (None, 3)
    assert model.count_params() == expected.count_params()
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    before = [each.copy() for each in model.get_weights()]
    history = model.fit([WORDS, WORDS], np.eye(3)[WORDS[:, 0] % 3], nb_epoch=2, verbose=0)
    assert len(history.history["loss"]) == 2
    moved = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert all(moved)
    assert model.predict_classes([WORDS, WORDS], verbose=0).shape == (12,)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_it_is_saved_as_a_model_of_several_inputs(tmp_path: Path, name: str) -> None:
    _, model = joined()
    model.save(tmp_path / name)
    loaded = keras.models.load_model(tmp_path / name)
    copied = keras.models.model_from_json(model.to_json())
    copied.set_weights(model.get_weights())
    expected = model.predict([WORDS, WORDS], verbose=0)
    for other in (loaded, copied):
        np.testing.assert_array_equal(other.predict([WORDS, WORDS], verbose=0), expected)


def test_the_summary_tells_what_is_connected(capsys: pytest.CaptureFixture[str]) -> None:
    _, model = joined()
    model.summary()
    assert "Connected to" in capsys.readouterr().out


def test_branches_that_share_an_input_take_it_once() -> None:
    # The memory network of Keras 1's examples: the question is used twice.
    memory = Sequential([Embedding(20, 5, input_length=6)])
    question = Sequential([Embedding(20, 5, input_length=4)])
    match = Sequential()
    match.add(Merge([memory, question], mode="dot", dot_axes=[2, 2]))
    story = Sequential([Embedding(20, 4, input_length=6)])
    response = Sequential([Merge([match, story], mode="sum"), Permute((2, 1))])
    answer = Sequential()
    answer.add(Merge([response, question], mode="concat", concat_axis=-1))
    answer.add(GRU(3))
    answer.add(Dense(20, activation="softmax"))
    assert answer.input_shape == [(None, 6), (None, 4), (None, 6)]
    answer.compile("rmsprop", "categorical_crossentropy")
    target = np.eye(20)[WORDS[:, 0]]
    answer.fit([WORDS, WORDS[:, :4], WORDS], target, batch_size=4, nb_epoch=1, verbose=0)


def test_branches_that_are_layers() -> None:
    model = Sequential([Merge([Dense(4, input_dim=2), Dense(4, input_dim=3)], mode="max")])
    got = model.predict([np.ones((5, 2)), np.ones((5, 3))], verbose=0)
    (a, _), (b, _) = (layer.get_weights() for layer in model.layers[2:4])
    np.testing.assert_allclose(got[0], np.maximum(a.sum(0), b.sum(0)), rtol=1e-6)


def unit(x: Any) -> Any:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


A, B = PAIR
MODES = {
    "sum": A + B,
    "mul": A * B,
    "ave": (A + B) / 2,
    "max": np.maximum(A, B),
    "concat": np.concatenate([A, B], axis=1),
    "dot": (A * B).sum(1, keepdims=True),
    "cos": (unit(A) * unit(B)).sum(1, keepdims=True),
}


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_as_a_layer_and_as_the_function(mode: str) -> None:
    inputs = [Input((2,)), Input((2,))]
    for output in (Merge(mode=mode)(inputs), keras.layers.merge(inputs, mode=mode)):
        got = Model(input=inputs, output=output).predict(PAIR, verbose=0)
        np.testing.assert_allclose(got, MODES[mode], rtol=1e-6)


def test_a_function_as_the_mode() -> None:
    def difference(xs: Any, factor: float = 1.0) -> Any:
        return backend.abs(xs[0] - xs[1]) * factor

    inputs = [Input((2,)), Input((2,))]
    layer = Merge(mode=difference, output_shape=(2,), arguments={"factor": 3.0}, name="difference")
    model = Model(inputs, layer(inputs))
    np.testing.assert_allclose(model.predict(PAIR, verbose=0), 3 * np.abs(A - B), rtol=1e-6)
    output = keras.layers.merge(inputs, mode=lambda xs: xs[0] - xs[1], output_shape=lambda s: s[0])
    np.testing.assert_allclose(Model(inputs, output).predict(PAIR, verbose=0), A - B)
    branched = Sequential(
        [Merge([Dense(2, input_dim=2), Dense(2, input_dim=2)], mode=difference), Dense(1)]
    )
    branched.compile("adam", "mse")
    branched.fit(PAIR, np.ones(2), nb_epoch=1, verbose=0)


def test_wrong_use_is_one_line() -> None:
    with pytest.raises(KerasError, match="mode"):
        Merge(mode="minus")
    with pytest.raises(KerasError, match="is not built: add an Input or input_shape"):
        Merge([Sequential([LSTM(3)]), Sequential([LSTM(3)])])
    with pytest.raises(KerasTypeError, match="concat_axes"):
        Merge(mode="concat", concat_axes=1)
