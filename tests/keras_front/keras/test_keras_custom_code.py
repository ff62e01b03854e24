"""Layers, losses and metrics of a script here and in Keras, on the same weights and batches."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from custom_layers import LAYERS, LOSSES, counted, f1, pooled_by_scores
from keras_pairs import pair, weights_of

pytestmark = pytest.mark.keras
Make = Callable[[Any], Any]


def _model(make: Make) -> Callable[[Any], Any]:
    """Words, a layer of the script over their steps, and one output."""

    def build(k: Any) -> Any:
        x = k.Input((6,), dtype="int32")
        masked = make is pooled_by_scores  # Keras warns of layers that drop a mask
        steps = k.layers.Embedding(12, 5, mask_zero=masked)(x)
        y = make(k)(steps)
        if len(y.shape) == 3:
            y = k.layers.Flatten()(y)
        return k.Model(x, k.layers.Dense(1, activation="sigmoid")(y))

    return build


def _data() -> tuple[Any, Any]:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 12, (37, 6)).astype(np.int32)
    x[:, 0] = np.maximum(x[:, 0], 1)  # a row needs a word
    return x, (x.sum(axis=1, keepdims=True) > 30).astype(np.float32)


def _assert_same_training(theirs: Any, ours: Any, **compiled: Any) -> None:
    """Outputs, then losses, metrics and weights of three steps."""
    x, y = _data()
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-6)
    histories = []
    for model, module in ((theirs, "theirs"), (ours, "ours")):
        settings = {name: make(module) for name, make in compiled.items()}
        model.compile(optimizer="adam", **settings)
        fitted = model.fit(x, y, batch_size=16, epochs=1, shuffle=False, verbose=0)
        histories.append(fitted.history)
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=2e-5, err_msg=name)
    for one, other in zip(weights_of(theirs), weights_of(ours), strict=True):
        np.testing.assert_allclose(other, one, atol=2e-5)


def _unnumbered(weights: Any) -> list[str]:
    """The paths of weights without the numbers that follow from what was built before."""
    return [re.sub(r"_\d+", "", variable.path) for variable in weights]


def _of(makers: Any) -> Callable[[str], Any]:
    """The objects of `makers` for Keras and for this package."""
    import keras

    import hoiquy.keras

    modules = {"theirs": keras, "ours": hoiquy.keras}
    return lambda which: makers(modules[which])


@pytest.mark.parametrize("make", LAYERS, ids=lambda make: make.__name__)
def test_layers_of_a_script_train_as_in_keras(make: Make) -> None:
    theirs, ours = pair(_model(make))
    assert _unnumbered(ours.weights) == _unnumbered(theirs.weights)
    assert ours.count_params() == theirs.count_params()
    _assert_same_training(theirs, ours, loss=lambda which: "binary_crossentropy")


@pytest.mark.parametrize("make", LOSSES, ids=lambda make: make.__name__)
def test_losses_of_a_script_train_as_in_keras(make: Make) -> None:
    theirs, ours = pair(_model(lambda k: k.layers.GlobalMaxPooling1D()))
    _assert_same_training(theirs, ours, loss=_of(make))


def test_metrics_of_a_script_count_as_in_keras() -> None:
    theirs, ours = pair(_model(lambda k: k.layers.GlobalMaxPooling1D()))
    _assert_same_training(
        theirs, ours, loss=lambda which: "mse", metrics=_of(lambda k: [f1(k), counted(k)])
    )


def _with_operations(k: Any) -> Any:
    x = k.Input((6, 3))
    y = k.layers.Dense(4, activation="tanh")(1 - x * 2.0)
    last, mean = y[:, -1, :], k.ops.mean(y, axis=1)
    both = k.ops.concatenate([last, k.ops.exp(-mean)], axis=-1) / 2.0
    both = both + both * k.ops.tanh(both) - both / 3.0
    both = k.ops.clip(k.ops.expand_dims(both, 1), -0.9, 0.9)
    lifted = k.layers.Lambda(lambda t: k.ops.square(t) + t)(k.ops.squeeze(both, 1))
    return k.Model(x, k.layers.Dense(2)(k.ops.maximum(lifted, -0.1)))


def test_functions_of_tensors_become_layers_as_in_keras() -> None:
    theirs, ours = pair(_with_operations)
    found = [type(layer).__name__ for layer in ours.layers]
    assert found == [type(layer).__name__ for layer in theirs.layers]
    kinds = [type(layer).__name__ for layer in theirs._operations]
    assert sorted(type(layer).__name__ for layer in ours.operations) == sorted(kinds)
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((20, 6, 3)), rng.standard_normal((20, 2))
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5)
    for model in (theirs, ours):
        model.compile("sgd", "mse")
        model.fit(x, y, batch_size=10, shuffle=False, verbose=0)
    for one, other in zip(weights_of(theirs), weights_of(ours), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)
