"""Layers, losses, metrics and activations of a script, without Keras."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy.keras.backend as K  # noqa: N812
from gradients import assert_gradients
from hoiquy.keras import Input, Model, Sequential, layers, ops, utils
from hoiquy.keras.errors import KerasError
from hoiquy.nn.layers import Context
from imported_keras import import_hook, run_code

ATTENTION = """
from keras import backend as K, initializers, regularizers, constraints
from keras.engine.topology import Layer

class Pooled(Layer):
    def __init__(self, steps, W_regularizer=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get("glorot_uniform")
        self.W_regularizer = regularizers.get(W_regularizer)
        self.bias, self.steps, self.features = bias, steps, 0
        super(Pooled, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight((input_shape[-1],), initializer=self.init,
                                 name="{}_W".format(self.name), regularizer=self.W_regularizer)
        self.features = input_shape[-1]
        self.b = self.add_weight((input_shape[1],), initializer="zero",
                                 name="{}_b".format(self.name))
        self.built = True

    def compute_mask(self, input, input_mask=None):
        return None

    def call(self, x, mask=None):
        scores = K.reshape(K.dot(K.reshape(x, (-1, self.features)),
                                 K.reshape(self.W, (self.features, 1))), (-1, self.steps))
        a = K.exp(K.tanh(scores + self.b))
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        weighted_input = x * K.expand_dims(a)
        return K.sum(weighted_input, axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.features
"""


def _by_hand(x: Any, mask: Any, w: Any, b: Any) -> Any:
    a = np.exp(np.tanh(x @ w + b)) * mask
    return (x * (a / (a.sum(axis=1, keepdims=True) + 1e-7))[..., None]).sum(axis=1)


def test_the_attention_of_notebooks_runs_with_masks(tmp_path: Path) -> None:
    with import_hook():
        pooled = run_code(tmp_path, ATTENTION)["Pooled"](4, W_regularizer="l2", name="pooled")
        rng = np.random.default_rng(0)
        words = rng.integers(0, 5, (6, 4))
        words[:, 0] = 1
        inputs = Input((4,))
        steps = layers.Embedding(5, 3, mask_zero=True)(inputs)
        model = Model(inputs, pooled(steps))
        pooled.set_weights([rng.standard_normal(3), rng.standard_normal(4)])
        x = Model(inputs, steps).predict(words, verbose=0)
        expected = _by_hand(x, words != 0, *pooled.get_weights())
        np.testing.assert_allclose(model.predict(words, verbose=0), expected, atol=1e-6)
        assert model.predict(words, verbose=0).dtype == np.float32
        assert [variable.name for variable in pooled.weights] == ["pooled_W", "pooled_b"]
        assert list(pooled.nn_layer.penalties) == ["pooled_W"]


class Mixed(layers.Layer):
    """Uses many functions, one layer, and an array that is not trained."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight("w", (input_shape[-1], 3), initializer="normal")
        self.v = self.add_weight(shape=(3,), initializer="ones", name="v")
        self.c = self.add_weight(name="c", shape=(), initializer="ones", trainable=False)
        self.dense = layers.Dense(2, activation="tanh")

    def call(self, x: Any) -> Any:
        y = ops.matmul(x, self.w) * self.v + self.c
        y = ops.softmax(y, axis=1) + ops.max(y, axis=1, keepdims=True) * 0.1
        y = ops.concatenate([y[:, 0], ops.std(y, axis=1), ops.logsumexp(y, axis=1)], axis=-1)
        y = ops.where(y > 0.2, y, ops.square(y)) / (1 + ops.abs(ops.flip(y, axis=0)))
        return self.dense(K.batch_dot(y, ops.clip(y, -2.0, 2.0)) + ops.norm(y, axis=1)[:, None])


def test_gradients_are_those_of_central_differences() -> None:
    layer = Mixed()
    layer(Input((4, 5)))
    rng = np.random.default_rng(2)
    for variable in (layer.w, layer.v, layer.c):
        variable.value = rng.standard_normal(variable.shape)
    inner = layer.dense.nn_layer
    inner.parameters = {k: rng.standard_normal(a.shape) for k, a in inner.parameters.items()}
    layer._nn = None
    node = layer.nn_layer
    x, weights = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 2))

    def loss() -> float:
        return float((node.call([x], [None], Context()).outputs[0] * weights).sum())

    call = node.call([x], [None], Context())
    (d_x,), gradients = call.backward([weights])
    assert call.outputs[0].dtype == np.float64
    variables = {"x": x, **node.trained_parameters}
    assert_gradients(loss, variables, {"x": d_x, **gradients}, rng)


def test_everything_stays_in_float32() -> None:
    layer = Mixed()
    layer(Input((4, 5)))
    x = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    call = layer.nn_layer.call([x], [None], Context())
    (d_x,), gradients = call.backward([np.ones((3, 2), np.float32)])
    found = [call.outputs[0], d_x, *gradients.values()]
    assert {array.dtype for array in found} == {np.dtype(np.float32)}  # type: ignore[union-attr]
    assert (ops.array([1.0]) * 2.5).dtype == (layer.v * np.ones(3)).dtype == np.float32


@pytest.mark.parametrize(
    "args, kwargs",
    [
        (("w", (4, 2)), {"initializer": "uniform"}),
        (("w", (4, 2), "float32", "uniform"), {}),
        (("w", (4, 2), "uniform"), {}),
        (((4, 2), "uniform", "w"), {}),
        (((4, 2),), {"initializer": lambda shape: np.ones(shape), "name": "w"}),
        ((), {"name": "w", "shape": [4, 2], "initializer": "zeros", "trainable": True}),
    ],
)
def test_add_weight_in_all_spellings(args: Any, kwargs: Any) -> None:
    class Own(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(*args, **kwargs)

        def call(self, x: Any) -> Any:
            return K.dot(x, self.w)

    layer = Own()
    assert layer(Input((4,))).shape == (None, 2)
    assert [(one.name, one.shape, one.trainable) for one in layer.weights] == [("w", (4, 2), True)]
    with pytest.raises(KerasError, match="unknown size"):
        Own().add_weight(shape=(None, 2))


def test_a_layer_may_list_its_weights_as_in_keras_1() -> None:
    class Own(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = K.variable(np.full((input_shape[-1], 1), 0.5))
            self.trainable_weights = [self.w]

        def call(self, x: Any, mask: Any = None) -> Any:
            return K.squeeze(K.dot(x, self.w), -1)

    model = Sequential([Input((3,)), Own()])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 3)), np.zeros(8), verbose=0)
    assert model.count_params() == 3
    assert (model.get_weights()[0] < 0.5).all()


def test_a_layer_sees_the_whole_batch() -> None:
    seen = []

    def centred(x: Any) -> Any:
        seen.append(x.shape[0])
        return x - ops.mean(x, axis=0)

    model = Sequential([Input((2,)), layers.Dense(300), layers.Lambda(centred), layers.Dense(1)])
    model.compile("sgd", "mse")
    seen.clear()
    x = np.random.default_rng(0).standard_normal((128, 2))
    model.fit(x, np.zeros(128), batch_size=64, verbose=0)
    model.predict(x, batch_size=64, verbose=0)
    assert seen == [64, 64, 64, 64]


def test_a_loss_of_a_script_sees_the_whole_batch() -> None:
    seen = []

    def own(y_true: Any, y_pred: Any) -> Any:
        seen.append(y_pred.shape)
        return ops.mean(ops.square(y_true - y_pred))

    models = []
    for loss in (own, "mse"):
        utils.set_random_seed(1)
        model = Sequential([Input((40, 8)), layers.LSTM(64), layers.Dense(1)])
        model.compile("sgd", loss, metrics=[own])
        rng = np.random.default_rng(3)
        x, y = rng.standard_normal((128, 40, 8)), rng.standard_normal(128)
        model.fit(x, y, batch_size=128, epochs=2, verbose=0, sample_weight=np.ones(128))
        models.append(model)
    assert set(seen) == {(128, 1)}
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.process
def test_plain_models_do_not_import_autograd() -> None:
    text = (
        "import sys, hoiquy.keras as k\n"
        "model = k.Sequential([k.layers.Input((3,)), k.layers.Dense(2)])\n"
        "model.compile('adam', 'mse', metrics=['mae'])\n"
        "k.backend.clear_session()\n"
        "print('autograd' in sys.modules)\n"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
