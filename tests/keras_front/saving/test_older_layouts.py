"""Weights, configurations and optimizers as Keras 1 and 2 wrote them."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from older_keras_files import (
    FEATURES,
    TIME,
    UNITS,
    X,
    drawn,
    gru,
    lstm,
    lstm_arrays,
    model_of,
    put_weights,
    sigmoid_of_keras_2,
    states_transposed,
    transposed,
    write_weights,
)

import hoiquy.keras as keras
from hoiquy.keras.errors import KerasError


@pytest.mark.parametrize("by_name", [False, True])
def test_weights_of_a_cudnn_lstm(by_name: bool, tmp_path: Path) -> None:
    kernel, recurrent, bias = lstm_arrays()
    two = np.concatenate([bias - 1, np.ones_like(bias)])
    stored = [transposed(kernel, 4), states_transposed(recurrent, 4), two]
    write_weights(tmp_path / "w.h5", {"memory": stored})
    model = model_of(keras.layers.CuDNNLSTM(UNITS, name="memory"))
    model.load_weights(tmp_path / "w.h5", by_name=by_name)
    expected = lstm(X, kernel, recurrent, bias)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=1e-5)


def test_weights_of_a_cudnn_gru_in_two_directions(tmp_path: Path) -> None:
    directions, stored = [], []
    for _ in range(2):
        arrays = drawn(FEATURES, 3 * UNITS), drawn(UNITS, 3 * UNITS), drawn(2, 3 * UNITS)
        directions += arrays
        kernel, recurrent, bias = arrays
        stored += [transposed(kernel, 3), states_transposed(recurrent, 3), bias.ravel()]
    write_weights(tmp_path / "w.h5", {"bidirectional_1": stored})
    model = model_of(keras.layers.Bidirectional(keras.layers.GRU(UNITS)))
    model.load_weights(tmp_path / "w.h5")
    for found, expected in zip(model.get_weights(), directions, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_hard_sigmoid_is_that_of_the_keras_that_wrote_the_file(tmp_path: Path) -> None:
    kernel, recurrent, bias = lstm_arrays()
    dense, offset = drawn(UNITS, 4), drawn(4)
    path = tmp_path / "w.h5"
    write_weights(path, {"lstm_1": [kernel, recurrent, bias], "dense_1": [dense, offset]})
    model = model_of(
        keras.layers.LSTM(UNITS, recurrent_activation="hard_sigmoid"),
        keras.layers.Dense(4, activation="hard_sigmoid"),
    )
    model.load_weights(path)
    hidden = lstm(X, kernel, recurrent, bias, sigmoid_of_keras_2)
    expected = sigmoid_of_keras_2(hidden @ dense + offset)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=1e-5)
    again = keras.models.clone_model(model)
    model.save_weights(tmp_path / "again.h5")
    again.load_weights(tmp_path / "again.h5")
    np.testing.assert_allclose(again.predict(X, verbose=0), expected, atol=1e-5)


def test_gate_by_gate_of_keras_1(tmp_path: Path) -> None:
    kernel, recurrent, bias = lstm_arrays()
    by_gate = [np.split(array, 4, axis=-1) for array in (kernel, recurrent, bias)]
    in_order = [part[gate] for gate in (0, 2, 1, 3) for part in by_gate]  # i c f o
    other = [drawn(UNITS, 3 * UNITS), drawn(UNITS, 3 * UNITS), drawn(3 * UNITS)]
    of_gru = [np.split(array, 3, axis=-1) for array in other]
    convolution = drawn(2, 1, FEATURES, FEATURES)
    path = tmp_path / "w.h5"
    arrays = {
        "convolution1d_1": [convolution, drawn(FEATURES)],
        "lstm_1": in_order,
        "gru_1": [part[gate] for gate in range(3) for part in of_gru],
    }
    write_weights(path, arrays, version=None)
    model = model_of(
        keras.layers.Conv1D(FEATURES, 2), keras.layers.LSTM(UNITS, return_sequences=True),
        keras.layers.GRU(UNITS, reset_after=False),
    )  # fmt: skip
    model.load_weights(path)
    expected = [convolution[:, 0], arrays["convolution1d_1"][1], kernel, recurrent, bias, *other]
    for found, array in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, array)


def test_a_gru_without_reset_after_has_the_old_default(tmp_path: Path) -> None:
    arrays = [drawn(FEATURES, 3 * UNITS), drawn(UNITS, 3 * UNITS), drawn(3 * UNITS)]
    config = {
        "name": "gru_1", "batch_input_shape": [None, TIME, FEATURES], "units": UNITS,
        "recurrent_activation": "hard_sigmoid", "implementation": 1, "unroll": False,
    }  # fmt: skip
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        layers = [{"class_name": "GRU", "config": config}]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})
        file.attrs["keras_version"] = b"2.1.2"
        put_weights(file.create_group("model_weights"), {"gru_1": arrays}, "2.1.2")
    expected = gru(X, *arrays, gate=sigmoid_of_keras_2)
    model = keras.models.load_model(path)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=1e-5)


def test_a_whole_model_of_keras_1(tmp_path: Path) -> None:
    """Its names of arguments, regularizers and constraints."""
    layers = [
        {"class_name": "Convolution1D", "config": {
            "name": "convolution1d_1", "batch_input_shape": [None, TIME, FEATURES],
            "nb_filter": 4, "filter_length": 2, "border_mode": "same", "subsample_length": 1,
            "activation": "relu", "init": "glorot_uniform", "bias": True,
            "input_dtype": "float32", "trainable": True, "activity_regularizer": None,
            "W_regularizer": {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.01},
            "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}, "b_regularizer": None,
            "b_constraint": None, "input_length": None, "input_dim": FEATURES}},
        {"class_name": "Flatten", "config": {"name": "flatten_1", "trainable": True}},
        {"class_name": "Dropout", "config": {"name": "dropout_1", "p": 0.5, "trainable": True}},
        {"class_name": "Dense", "config": {
            "name": "dense_1", "output_dim": 1, "init": "glorot_uniform", "activation": "sigmoid",
            "W_regularizer": None, "b_regularizer": None, "activity_regularizer": None,
            "W_constraint": None, "b_constraint": None, "bias": True, "input_dim": 4 * TIME,
            "trainable": True}},
    ]  # fmt: skip
    arrays = {
        "convolution1d_1": [drawn(2, 1, FEATURES, 4), drawn(4)], "flatten_1": [], "dropout_1": [],
        "dense_1": [drawn(4 * TIME, 1), drawn(1)],
    }  # fmt: skip
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})
        file.attrs["keras_version"] = b"1.2.2"
        put_weights(file.create_group("model_weights"), arrays, None)
    model = keras.models.load_model(path)
    config = model.layers[0].get_config()
    assert config["kernel_regularizer"]["config"]["l2"] == 0.01
    assert config["kernel_constraint"]["config"]["max_value"] == 2
    np.testing.assert_array_equal(
        model.layers[0].get_weights()[0], arrays["convolution1d_1"][0][:, 0]
    )
    assert model.predict(X, verbose=0).shape == (4, 1)


NESTED = {
    "class_name": "Model",
    "config": {
        "name": "model_1",
        "layers": [
            {"name": "input_1", "class_name": "InputLayer", "inbound_nodes": [],
             "config": {"batch_input_shape": [None, FEATURES], "dtype": "float32",
                        "sparse": False, "name": "input_1"}},
            {"name": "sequential_1", "class_name": "Sequential",
             "inbound_nodes": [[["input_1", 0, 0, {}]], [["input_1", 0, 0, {}]]],
             "config": [{"class_name": "Dense", "config": {
                 "name": "dense_1", "units": 2, "batch_input_shape": [None, FEATURES]}},
                 {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": -1}}]},
            {"name": "dropout_1", "class_name": "Dropout",
             "inbound_nodes": [[["sequential_1", 2, 0, {"training": True}]]],
             "config": {"name": "dropout_1", "rate": 0.5}},
            {"name": "add_1", "class_name": "Add", "config": {"name": "add_1"},
             "inbound_nodes": [[["sequential_1", 1, 0, {}], ["dropout_1", 0, 0, {}]]]},
        ],
        "input_layers": [["input_1", 0, 0]],
        "output_layers": [["add_1", 0, 0]],
    },
}  # fmt: skip


def test_nested_models_and_training_in_a_call(tmp_path: Path) -> None:
    """A Sequential's calls count from 1 in Keras 2; its trained arrays come first."""
    kernel, bias, gamma, beta = drawn(FEATURES, 2), drawn(2), drawn(2), drawn(2)
    mean, variance = drawn(2), np.abs(drawn(2)) + 0.5
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(NESTED)
        file.attrs["keras_version"] = b"2.1.6"
        arrays = {"sequential_1": [kernel, bias, gamma, beta, mean, variance]}
        put_weights(file.create_group("model_weights"), arrays, "2.1.6")
    model = keras.models.load_model(path)
    x = drawn(400, FEATURES)
    normal = gamma * (x @ kernel + bias - mean) / np.sqrt(variance + 1e-3) + beta
    found = model.predict(x, verbose=0)
    dropped = np.isclose(found, normal, atol=1e-5)
    kept = np.isclose(found, 3 * normal, atol=1e-4)
    assert (dropped | kept).all()
    assert 0.4 < kept.mean() < 0.6


def test_a_seq2seq_model_lists_the_states_after_the_input(tmp_path: Path) -> None:
    def lstm_entry(name: str, calls: Any, **config: Any) -> dict[str, Any]:
        return {"name": name, "class_name": "LSTM", "inbound_nodes": calls,
                "config": {"name": name, "units": UNITS, **config}}  # fmt: skip

    of_keras_2 = [[["i", 0, 0, {}], ["a", 0, 1, {}], ["a", 0, 2, {}]]]
    of_tf_keras = [[["i", 0, 0, {"initial_state": [["a", 0, 1], ["a", 0, 2]]}]]]
    arrays = {"a": lstm_arrays(), "b": lstm_arrays()}
    outputs = []
    for number, calls in enumerate((of_keras_2, of_tf_keras)):
        layers = [
            {"name": "i", "class_name": "InputLayer", "inbound_nodes": [],
             "config": {"batch_input_shape": [None, TIME, FEATURES], "name": "i"}},
            lstm_entry("a", [[["i", 0, 0, {}]]], return_state=True), lstm_entry("b", calls),
        ]  # fmt: skip
        config = {"layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["b", 0, 0]]}
        path = tmp_path / f"{number}.h5"
        with h5py.File(path, "w") as file:
            whole = {"class_name": "Functional", "config": {"name": "m", **config}}
            file.attrs["model_config"] = json.dumps(whole)
            file.attrs["keras_version"] = b"2.4.0"
            put_weights(file.create_group("model_weights"), arrays, "2.4.0")
        model = keras.models.load_model(path)
        outputs.append(model.predict(X, verbose=0))
        model.save(tmp_path / "again.keras")
        again = keras.models.load_model(tmp_path / "again.keras")
        np.testing.assert_array_equal(again.predict(X, verbose=0), outputs[-1])
    np.testing.assert_array_equal(*outputs)


@pytest.mark.parametrize("order", ["slots", "slots with unused", "parameters"])
def test_the_state_of_adam_in_keras_2(order: str, tmp_path: Path) -> None:
    model = model_of(keras.layers.Dense(2, name="dense_1"), shape=(FEATURES,))
    model.compile("adam", "mse")
    config = json.loads(model.to_json())
    m, v = [drawn(FEATURES, 2), drawn(2)], [np.abs(drawn(FEATURES, 2)), np.abs(drawn(2))]
    if order == "parameters":
        named = {"iteration:0": np.int64(7), "Adam/m/k:0": m[0], "Adam/v/k:0": v[0],
                 "Adam/m/b:0": m[1], "Adam/v/b:0": v[1]}  # fmt: skip
    else:
        named = {"Adam/iterations:0": np.int64(7), "training/m/0:0": m[0], "training/m/1:0": m[1],
                 "training/v/0:0": v[0], "training/v/1:0": v[1]}  # fmt: skip
    if order == "slots with unused":
        named |= {f"training/vhat/{i}:0": np.zeros(1, "float32") for i in range(2)}
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        optimizer = {"class_name": "Adam", "config": {"lr": 0.25, "beta_1": 0.9, "beta_2": 0.999}}
        training = {"optimizer_config": optimizer, "loss": "mse", "metrics": []}
        file.attrs["training_config"] = json.dumps(training)
        file.attrs["keras_version"] = b"2.3.1"
        put_weights(file.create_group("model_weights"), {"dense_1": [drawn(2, 2), drawn(2)]}, None)
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = [name.encode() for name in named]
        for name, array in named.items():
            group.create_dataset(name, data=array)
    loaded = keras.models.load_model(path)
    assert int(loaded.optimizer.iterations) == 7
    assert float(loaded.optimizer.learning_rate) == 0.25
    loaded.save(tmp_path / "again.h5")
    with h5py.File(tmp_path / "again.h5") as file:
        group = file["optimizer_weights"]
        stored = [group[name][()] for name in group.attrs["weight_names"]]
    for found, expected in zip(stored[2:], [m[0], v[0], m[1], v[1]], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_other_shapes_are_still_refused(tmp_path: Path) -> None:
    write_weights(tmp_path / "w.h5", {"gru_1": [drawn(2, 9), drawn(3, 9), drawn(2, 9)]})
    model = model_of(keras.layers.GRU(UNITS, reset_after=False))
    with pytest.raises(KerasError, match=r"shape \(2, 9\), expected \(9,\)"):
        model.load_weights(tmp_path / "w.h5")
