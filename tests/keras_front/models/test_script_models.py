"""Models with code of a script: files, activations, functions, and models with a `call`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras.backend as K  # noqa: N812
from hoiquy.keras import Input, Model, Sequential, layers, losses, ops, saving, utils
from hoiquy.keras.errors import NotSupportedError


class _Scored(layers.Layer):
    """A layer with a weight and a layer."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight("w", (input_shape[-1], 3), initializer="normal")
        self.dense = layers.Dense(2, activation="tanh")

    def call(self, x: Any) -> Any:
        return self.dense(ops.mean(ops.tanh(ops.matmul(x, self.w)), axis=1))


def test_models_are_saved_with_the_classes_of_the_script(tmp_path: Path) -> None:
    @utils.register_keras_serializable("mine")
    class Registered(layers.Layer):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x: Any) -> Any:
            return x * self.factor

    def own(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    inputs = Input((4, 5))
    y = ops.mean(_Scored()(inputs) * 2.0, axis=-1, keepdims=True)
    model = Model(inputs, layers.Dense(1)(Registered(3.0)(y)))
    model.compile("adam", own, metrics=[own])
    rng = np.random.default_rng(0)
    x, targets = rng.standard_normal((9, 4, 5)), rng.standard_normal(9)
    model.fit(x, targets, batch_size=9, verbose=0)
    try:
        for name in ("model.keras", "model.h5"):
            model.save(tmp_path / name)
            given = {"_Scored": _Scored, "own": own}
            loaded = saving.load_model(tmp_path / name, custom_objects=given)
            np.testing.assert_array_equal(
                loaded.predict(x, batch_size=9, verbose=0),
                model.predict(x, batch_size=9, verbose=0),
            )
            loaded.fit(x, targets, batch_size=9, verbose=0)
            with pytest.raises(NotSupportedError, match="custom_objects"):
                saving.load_model(tmp_path / name)
    finally:
        utils.get_custom_objects().clear()


def test_activations_of_a_script() -> None:
    def own(x: Any) -> Any:
        return x * K.sigmoid(x)

    utils.get_custom_objects()["own"] = own
    try:
        inputs = Input((4, 3))
        outputs = [
            layers.Dense(2, activation=which, kernel_initializer="ones")(inputs)
            for which in (own, "own", layers.Activation(own), "silu")
        ]
        found = Model(inputs, outputs).predict(np.ones((2, 4, 3)) / 3, verbose=0)
    finally:
        utils.get_custom_objects().clear()
    for one in found[:-1]:
        np.testing.assert_allclose(one, found[-1], atol=1e-6)
    sloped = layers.Dense(2, layers.LeakyReLU(negative_slope=0.5), kernel_initializer="ones")
    np.testing.assert_allclose(sloped(-np.ones((1, 3))), -1.5 * np.ones((1, 2)), atol=1e-6)


def test_functions_of_arrays_and_of_models() -> None:
    inputs = Input((4,))
    hidden = layers.Dropout(0.5)(layers.Dense(3)(inputs))
    model = Model(inputs, layers.Dense(1)(hidden))
    compute = K.function([model.input, K.learning_phase()], [model.layers[1].output, model.output])
    x = np.random.default_rng(0).standard_normal((50, 4))
    np.testing.assert_array_equal(compute([x, 0])[1], model.predict(x, verbose=0))
    assert np.abs(compute([x, 1])[1] - model.predict(x, verbose=0)).max() > 0
    assert float(K.mean(K.constant([1.0, 3.0]))) == 2
    assert K.int_shape(K.expand_dims(hidden)) == (None, 3, 1)
    np.testing.assert_allclose(ops.softmax([[0.0, 0.0]]), [[0.5, 0.5]])


class _Net(Model):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = layers.Embedding(9, 4)
        self.lstm, self.drop, self.last = layers.LSTM(5), layers.Dropout(0.5), layers.Dense(1)

    def call(self, x: Any, training: Any = False) -> Any:
        y = self.lstm(self.embedding(x))
        if training:
            y = self.drop(y, training=training)
        return self.last(y)


def test_a_model_with_a_call_is_connected_by_it(tmp_path: Path) -> None:
    model, other = _Net(), _Net()
    model.compile("adam", "mse")
    x = np.random.default_rng(0).integers(0, 9, (20, 6))
    model.fit(x, np.ones(20), verbose=0)
    assert [type(layer).__name__ for layer in model.network.layers[1:]] == [
        "Embedding", "LSTM", "Dropout", "Dense",
    ]  # fmt: skip
    model.save_weights(tmp_path / "own.weights.h5")
    other.build((None, 6))
    other.load_weights(tmp_path / "own.weights.h5")
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))
    with pytest.raises(NotSupportedError, match="save_weights"):
        model.save(tmp_path / "own.keras")


def test_losses_of_the_package_work_inside_those_of_a_script() -> None:
    def both(y_true: Any, y_pred: Any) -> Any:
        return losses.binary_crossentropy(y_true, y_pred) + 0.5 * losses.MeanSquaredError()(
            y_true, y_pred
        )

    model = Sequential([Input((3,)), layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", both)
    x, y = np.random.default_rng(0).standard_normal((16, 3)), np.arange(16) % 2
    history = model.fit(x, y, epochs=5, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_what_cannot_be_followed_is_refused_by_name() -> None:
    def through_numpy(y_true: Any, y_pred: Any) -> Any:
        return np.sort(y_pred)

    model = Sequential([Input((3,)), layers.Dense(1)])
    model.compile("sgd", through_numpy)
    with pytest.raises(NotSupportedError, match=r"use the functions of keras\.ops"):
        model.fit(np.ones((4, 3)), np.ones(4), verbose=0)
    with pytest.raises(NotSupportedError, match=r"keras.backend.ctc_decode is not supported"):
        K.ctc_decode(None, None)
    surroundings = object()
    with pytest.raises(NotSupportedError, match="a lambda that uses other values than numbers"):
        Sequential([Input((3,)), layers.Lambda(lambda x: x if surroundings else 0)]).to_json()


def test_a_lambda_keeps_its_arguments() -> None:
    def scaled(x: Any, by: float) -> Any:
        return x * by

    model = Sequential([Input((3,)), layers.Lambda(scaled, arguments={"by": 3.0})])
    config = model.get_config()
    again = Sequential.from_config(config, custom_objects={"scaled": scaled})
    np.testing.assert_allclose(again.predict(np.ones((2, 3)), verbose=0), 3 * np.ones((2, 3)))
