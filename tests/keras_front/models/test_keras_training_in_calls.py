"""`training=` in a call of a layer within a model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras import layers
from hoiquy.keras.errors import KerasError

X = np.ones((200, 6), "float32")


def always_dropping() -> Any:
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dropout(0.5)(inputs, training=True))


def test_dropout_may_always_be_active() -> None:
    model = always_dropping()
    keras.utils.set_random_seed(3)
    first, second = (model.predict(X, verbose=0) for _ in range(2))
    assert set(np.unique(first)) == {0.0, 2.0}
    assert 0.4 < (first == 0).mean() < 0.6
    assert (first != second).any()
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(model.predict(X, verbose=0), first)


def test_dropout_may_never_be_active() -> None:
    inputs = keras.Input((6,))
    output = layers.Dropout(0.5)(inputs, training=False)
    model = keras.Model(inputs, layers.Dense(1, kernel_initializer="ones")(output))
    model.compile("sgd", "mse")
    assert model.train_on_batch(X, np.full(200, 6.0)) == pytest.approx(0)


@pytest.mark.parametrize("training", [True, False, None])
def test_a_nested_model_with_moving_averages(training: bool | None) -> None:
    inner = keras.Sequential([keras.Input((2,)), layers.BatchNormalization(momentum=0.5)])
    inputs = keras.Input((2,))
    output = inner(inputs) if training is None else inner(inputs, training=training)
    model = keras.Model(inputs, layers.Dense(1)(output))
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(3, 2, (64, 2)).astype("float32")
    model.fit(x, x[:, 0], epochs=2, verbose=0)
    moved = bool(np.any(inner.layers[0].moving_mean.numpy()))
    assert moved == (training is not False)
    if training:
        found = keras.Model(inputs, output).predict(x, verbose=0)
        beta = inner.layers[0].beta.numpy()  # each batch of predict has mean 0 before it
        np.testing.assert_allclose(found.mean(axis=0), beta, atol=1e-5)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_files_keep_it(ending: str, tmp_path: Path) -> None:
    always_dropping().save(tmp_path / f"m{ending}")
    loaded = keras.models.load_model(tmp_path / f"m{ending}")
    assert (loaded.predict(X, verbose=0) == 0).any()


def test_a_run_has_no_place_for_it(tmp_path: Path) -> None:
    inputs = keras.Input((6,))
    x = layers.LSTM(3)(layers.Embedding(9, 4)(inputs))
    output = layers.Dense(2, "softmax")(layers.Dropout(0.5)(x, training=True))
    with pytest.raises(KerasError, match="training=True"):
        keras.Model(inputs, output).to_run(tmp_path / "run", {"a": 1})


def test_layers_and_intermediate_models() -> None:
    """`pop`, `get_layer(index=)`, a model up to one layer, `trainable`, a matrix as weights."""
    matrix = np.random.default_rng(1).normal(size=(9, 4)).astype("float32")
    model = keras.Sequential([
        layers.Embedding(9, 4, weights=[matrix], input_length=5, trainable=False),
        layers.LSTM(3, name="memory"), layers.Dense(2), layers.Dense(1),
    ])  # fmt: skip
    np.testing.assert_array_equal(model.get_layer(index=0).get_weights()[0], matrix)
    x = np.arange(10).reshape(2, 5) % 9
    part = keras.Model(inputs=model.input, outputs=model.layers[1].output)
    assert part.predict(x, verbose=0).shape == (2, 3)
    same = keras.Model(model.inputs, model.get_layer("memory").output)
    np.testing.assert_array_equal(same.predict(x, verbose=0), part.predict(x, verbose=0))
    model.pop()
    assert model.output_shape == (None, 2)
    outer = keras.Sequential([model, layers.Dense(1)])
    outer.layers[0].trainable = False
    assert [one.shape for one in outer.trainable_weights] == [(2, 1), (1,)]
    outer.layers[0].trainable = True
    assert len(outer.trainable_weights) == 2 + 3 + 2 + 1
