"""Ways of Keras 1 and 2 that Keras 3 has no longer, each as scripts write it."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras import backend
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers import LSTM, Dense, Embedding, Input, TimeDistributedDense
from imported_keras import import_hook

WORDS = np.random.default_rng(3).integers(1, 30, (20, 6))
LABELS = (WORDS[:, 0] > 15).astype(int)


def model(*compiled_with: Any) -> Any:
    layers = [Input((6,)), Embedding(30, 5), LSTM(4), Dense(1, "sigmoid")]
    made = keras.Sequential(layers)
    made.compile(*compiled_with)
    return made


@pytest.mark.parametrize("metrics", [["accuracy"], [keras.metrics.binary_accuracy], "accuracy"])
def test_metrics_are_the_third_argument_of_compile(metrics: Any) -> None:
    history = model("adam", "binary_crossentropy", metrics).fit(WORDS, LABELS, verbose=0).history
    assert len(history) == 2


@pytest.mark.parametrize("weights", [[0.5], [np.float32(0.5)], 0.5])
def test_loss_weights_are_the_third_argument_of_keras_3(weights: Any) -> None:
    made = model("sgd", "binary_crossentropy", weights if isinstance(weights, list) else [weights])
    assert list(made.fit(WORDS, LABELS, verbose=0).history) == ["loss"]
    assert made.compiled_settings.loss_weights is not None


@pytest.mark.parametrize(
    ("module", "name"),
    [("adam_v2", "Adam"), ("gradient_descent_v2", "SGD"), ("experimental", "RMSprop")],
)
def test_older_modules_of_optimizers(module: str, name: str) -> None:
    with import_hook():
        found = getattr(importlib.import_module("keras.optimizers"), module)
        assert getattr(found, name) is getattr(keras.optimizers, name)


def test_values_of_variables() -> None:
    made = model("adam", "mse")
    backend.set_value(made.optimizer.lr, 0.01)
    assert backend.get_value(made.optimizer.lr) == np.float32(0.01)
    kernel = made.layers[-1].kernel
    backend.set_value(kernel, np.ones((4, 1)))
    np.testing.assert_array_equal(backend.get_value(made.layers[-1].kernel), np.ones((4, 1)))
    with pytest.raises(KerasError, match="expected a weight"):
        backend.set_value(0.1, 0.2)


def test_a_model_in_a_folder_that_exists(tmp_path: Path) -> None:
    made = model("adam", "mse")
    made.save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    expected = made.predict(WORDS, verbose=0)
    loaded = keras.models.load_model(str(tmp_path) + "/")
    np.testing.assert_array_equal(loaded.predict(WORDS, verbose=0), expected)


@pytest.mark.parametrize(("units", "kept"), [(9.5, 9), (19 / 2, 9), (np.float64(4), 4)])
def test_a_fraction_of_units_is_cut_off(units: float, kept: int) -> None:
    layer = Dense(units)
    assert layer.units == kept and layer(Input((3,))).shape == (None, kept)
    with pytest.raises(KerasError, match="units=0, expected 1 or more"):
        Dense(0.5)


def test_dense_of_every_step() -> None:
    assert TimeDistributedDense(3, input_dim=2, input_length=4)(Input((4, 2))).shape == (None, 4, 3)


@pytest.mark.parametrize("dtype", [str, object])
def test_labels_that_are_digits(dtype: Any) -> None:
    texts = np.array([str(label) for label in LABELS], dtype)
    made = model("adam", "binary_crossentropy")
    expected = made.evaluate(WORDS, LABELS, verbose=0)
    assert made.evaluate(WORDS, texts, verbose=0) == expected
    texts[3] = "yes"
    with pytest.raises(KerasError, match="y holds texts"):
        made.evaluate(WORDS, texts, verbose=0)


def test_older_names_in_the_logs_of_callbacks() -> None:
    seen = []

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append([logs.get("acc"), logs["acc"], logs.get("val_acc"), logs.get("other", 7)])

    made = model("adam", "binary_crossentropy", ["accuracy"])
    history = made.fit(WORDS, LABELS, callbacks=[Watch()], verbose=0).history
    assert seen == [[history["accuracy"][0], history.get("acc")[0], None, 7]]


def test_generators_with_the_numbers_of_samples_of_keras_1() -> None:
    asked = []

    def batches() -> Any:
        while True:
            for start in (0, 8, 16):
                asked.append(start)
                yield WORDS[start : start + 8], LABELS[start : start + 8]

    made = model("adam", "binary_crossentropy")
    history = made.fit_generator(
        batches(), samples_per_epoch=16, nb_epoch=2, verbose=0, validation_data=batches(),
        nb_val_samples=8, max_q_size=3,
    ).history  # fmt: skip
    assert sorted(history) == ["loss", "val_loss"] and len(asked) == 2 * 2 + 2 * 1
    assert made.predict_generator(batches(), val_samples=20).shape == (20, 1)
    made.evaluate_generator(batches(), val_samples=16)


def test_the_status_of_load_weights_of_tensorflow(tmp_path: Path) -> None:
    made = model("adam", "mse")
    path = tmp_path / "w.weights.h5"
    made.save_weights(path)
    status = made.load_weights(path)
    assert status.expect_partial().assert_consumed() is status
    assert status.assert_existing_objects_matched() is status


def test_what_keras_3_removed_is_one_line() -> None:
    made = model("adam", "mse")
    with pytest.raises(AttributeError, match=r"^Model\.to_yaml: .* use to_json"):
        made.to_yaml()


def test_functions_of_the_backend_on_shapes_and_weights() -> None:
    layer = keras.layers.Dense(3)
    y = layer(keras.Input((4, 5)))
    assert backend.int_shape(y) == (None, 4, 3)
    assert backend.int_shape("text") is None
    assert backend.ndim(y) == 3
    assert [backend.is_keras_tensor(each) for each in (y, 1)] == [True, False]
    assert backend.count_params(layer.kernel) == 15
    backend.batch_set_value([(layer.kernel, np.ones((5, 3))), (layer.bias, np.ones(3))])
    assert [array.sum() for array in backend.batch_get_value(layer.weights)] == [15, 3]
    assert backend.eval(keras.optimizers.SGD(0.5).lr) == 0.5
    assert backend.cast_to_floatx([1, 2]).dtype == np.float32
    assert backend.learning_phase() == 0
    with pytest.warns(UserWarning, match="set_learning_phase"):
        backend.set_learning_phase(1)
    with pytest.raises(NotImplementedError, match=r"use model.predict"):
        backend.eval(y)
