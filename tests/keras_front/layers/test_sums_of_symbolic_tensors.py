"""Sums, differences and products of two tensors of a model, in functional and other models."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras import ops
from hoiquy.keras.layers import LSTM, Dense, Embedding, Input

NUMBERS = np.float32([[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul])
def test_two_tensors_are_one_without_a_layer(operation: Callable[[Any, Any], Any]) -> None:
    x = Input((3,))
    dense = Dense(3)
    model = keras.Model(x, operation(x, dense(x)))
    assert model.layers[-1] is dense
    expected = operation(NUMBERS, NUMBERS @ dense.get_weights()[0])
    np.testing.assert_allclose(model.predict(NUMBERS, verbose=0), expected, rtol=1e-5)


def test_a_residual_in_a_model_of_the_script() -> None:
    class Residual(keras.Model):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            return inputs + self.inner(inputs, *args, **kwargs)

    inner = keras.Sequential([Dense(3, kernel_initializer="zeros")])
    model = Residual(inner)
    model.compile("adam", "mse")
    np.testing.assert_array_equal(model.predict(NUMBERS, verbose=0), NUMBERS)
    model.fit(NUMBERS, NUMBERS + 1, verbose=0)


class Additive(keras.Model):
    """Attention as in tutorials: a model with two arguments that gives two tensors."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.w1, self.w2, self.v = Dense(units), Dense(units), Dense(1)

    def call(self, values: Any, query: Any) -> Any:
        score = self.v(ops.tanh(self.w1(values) + self.w2(ops.expand_dims(query, 1))))
        weights = ops.softmax(score, axis=1)
        return ops.sum(weights * values, axis=1), weights


def test_a_model_of_the_script_with_several_arguments_in_a_functional_model() -> None:
    words = np.random.default_rng(0).integers(0, 20, (16, 6))
    x = Input((6,), dtype="int32")
    steps, state, _ = LSTM(4, return_sequences=True, return_state=True)(Embedding(20, 5)(x))
    attention = Additive(3)
    context, weights = attention(steps, query=state)
    model = keras.Model(x, Dense(1, "sigmoid")(context))
    model.compile("adam", "binary_crossentropy")
    before = attention.v.get_weights()[0]
    model.fit(words, words[:, 0] % 2, verbose=0)
    assert not np.array_equal(before, attention.v.get_weights()[0])
    shares = keras.Model(x, weights).predict(words, verbose=0)
    assert shares.shape == (16, 6, 1)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
