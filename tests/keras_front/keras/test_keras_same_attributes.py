"""What scripts print of models and layers is what Keras has."""

from typing import Any

import keras
import numpy as np
import pytest

import hoiquy.keras
from keras_pairs import weights_of

pytestmark = pytest.mark.keras
BOTH = (keras, hoiquy.keras)


def nested(k: Any) -> Any:
    k.backend.clear_session()
    called = k.layers.Dense(4)
    called(k.Input((3,)))
    inner = k.Sequential([k.layers.Dense(2), k.layers.Dense(3)], name="inner")
    return k.Sequential([k.Input((3,)), called, k.layers.Dense(3, name="z"), inner], name="outer")


def recurrent(k: Any) -> Any:
    k.backend.clear_session()
    model = k.Sequential([
        k.layers.Embedding(5, 2), k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True)),
        k.layers.TimeDistributed(k.layers.Dense(2)),
    ])  # fmt: skip
    model.build((None, 4))
    return model


def functional(k: Any) -> Any:
    k.backend.clear_session()
    x = k.Input((4, 3))
    return k.Model(x, k.layers.Dense(1)(k.Sequential([k.layers.GRU(2)])(x)))


@pytest.mark.parametrize("build", [nested, recurrent, functional])
def test_paths_of_weights_begin_with_the_sequential_model_that_built_them(build: Any) -> None:
    theirs, ours = (build(k) for k in BOTH)
    assert [each.path for each in theirs.weights] == [each.path for each in ours.weights]
    assert repr(theirs.inputs) == repr(ours.inputs)


@pytest.mark.parametrize("given", [{}, {"backward_layer": 3}])
def test_the_layers_of_both_directions(given: dict[str, Any]) -> None:
    described = []
    for k in BOTH:
        k.backend.clear_session()
        options = dict(given)
        if "backward_layer" in options:
            options["backward_layer"] = k.layers.GRU(3, go_backwards=True)
        layer = k.layers.Bidirectional(k.layers.GRU(2), **options)
        assert not layer.forward_layer.built
        layer.build((None, 4, 3))
        parts = layer.forward_layer, layer.backward_layer
        described.append([(one.name, one.units, one.go_backwards, one.built) for one in parts])
        shared = [*weights_of(parts[0]), *weights_of(parts[1])]
        for mine, of_part in zip(weights_of(layer), shared, strict=True):
            np.testing.assert_array_equal(mine, of_part)
    assert described[0] == described[1]


def test_weights_of_one_direction_can_be_set() -> None:
    layer = hoiquy.keras.layers.Bidirectional(hoiquy.keras.layers.LSTM(2))
    layer.build((None, 4, 3))
    values = [np.full(each.shape, 0.5, np.float32) for each in layer.backward_layer.weights]
    layer.backward_layer.set_weights(values)
    assert [float(array.mean()) == 0.5 for array in layer.get_weights()] == [False] * 3 + [True] * 3


def test_single_batches_are_scored_alone() -> None:
    x, y = np.arange(24.0).reshape(8, 3) / 24, np.arange(8.0) / 8
    results = []
    for k in BOTH:
        model = k.Sequential([k.Input((3,)), k.layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse", metrics=["mae"])
        model.evaluate(x, y, verbose=0)
        steps = [model.train_on_batch(x[:4], y[:4]) for _ in range(2)]
        steps.append(model.test_on_batch(x[4:], y[4:]))
        by_name = model.test_on_batch(x[4:], y[4:], return_dict=True)
        results.append((steps, by_name))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-5)
    assert list(results[0][1]) == list(results[1][1])


def test_running_metrics_of_single_batches() -> None:
    x, y = np.ones((4, 3)), np.zeros(4)
    model = hoiquy.keras.Sequential([hoiquy.keras.Input((3,)), hoiquy.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    first = model.train_on_batch(x, y)
    second = model.test_on_batch(x, y)
    assert second != pytest.approx(first)
    running = model.test_on_batch(x, y + 2, reset_metrics=False)
    alone = model.test_on_batch(x, y + 2)
    assert running == pytest.approx((second + alone) / 2)


@pytest.mark.parametrize("branched", [False, True])
def test_the_column_of_what_is_trained(branched: bool) -> None:
    printed = []
    for k in BOTH:
        k.backend.clear_session()
        x = k.Input((3,))
        h = k.layers.Dense(2, trainable=False)(k.layers.Dropout(0.1)(x))
        y = k.layers.add([h, k.layers.Dense(2)(x)]) if branched else k.layers.Dense(1)(h)
        lines: list[str] = []
        k.Model(x, y).summary(show_trainable=True, print_fn=lines.append, line_length=64)
        printed.append("".join(lines))
    assert printed[0] == printed[1]


def test_metrics_of_each_class_are_arrays_in_logs_and_scores() -> None:
    x, y = np.random.default_rng(0).normal(size=(16, 3)), np.eye(3)[np.arange(16) % 3]
    results = []
    for k in BOTH:
        model = k.Sequential([k.Input((3,)), k.layers.Dense(3, "softmax")])
        model.set_weights([np.eye(3), np.zeros(3)])
        per_class = [k.metrics.F1Score(name="f1"), k.metrics.Recall([0.2, 0.4], name="recalls")]
        model.compile("sgd", "categorical_crossentropy", metrics=per_class)
        history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, validation_split=0.25)
        results.append((history.history, model.evaluate(x, y, verbose=0)))
    (theirs, scores), (ours, our_scores) = results
    assert list(theirs) == list(ours)
    for name, values in theirs.items():
        np.testing.assert_allclose(values, ours[name], rtol=1e-5, err_msg=name)
        assert [np.ndim(value) for value in values] == [np.ndim(value) for value in ours[name]]
    for score, our_score in zip(scores, our_scores, strict=True):
        np.testing.assert_allclose(score, our_score, rtol=1e-5)


def test_metrics_of_one_name_are_numbered() -> None:
    x, y = np.ones((8, 3)), np.arange(8) % 2
    named = []
    for k in BOTH:
        model = k.Sequential([k.Input((3,)), k.layers.Dense(1, "sigmoid")])
        metrics, weighted = ["accuracy", "mae", "accuracy"], ["accuracy", "mse", "mse", "mse"]
        model.compile("sgd", "binary_crossentropy", metrics=metrics, weighted_metrics=weighted)
        history = model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y)).history
        named.append((list(history), sorted(model.evaluate(x, y, verbose=0, return_dict=True))))
    assert named[0] == named[1]
