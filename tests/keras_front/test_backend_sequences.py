"""Convolution, recursion and products of `keras.backend`."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras import backend as K  # noqa: N812
from hoiquy.keras.layers import Conv1D, Input, Layer
from hoiquy.keras.models import Model

RNG = np.random.default_rng(2)
STEPS = RNG.random((3, 9, 4)).astype(np.float32)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (1, 3), ([3], [1])])
def test_conv1d_is_that_of_the_layer(padding: str, strides: Any, dilation: Any) -> None:
    layer = Conv1D(5, 3, strides=strides, padding=padding, dilation_rate=dilation, use_bias=False)
    wanted = np.asarray(layer(STEPS))
    found = K.conv1d(STEPS, layer.get_weights()[0], strides, padding, None, dilation)
    assert np.allclose(found, wanted, atol=1e-6)


def test_local_conv1d_has_a_kernel_at_each_place() -> None:
    kernel = RNG.random((4, 2 * 4, 5)).astype(np.float32)
    found = np.asarray(K.local_conv1d(STEPS, kernel, [2], [2]))
    wanted = [STEPS[:, 2 * i : 2 * i + 2].reshape(3, 8) @ kernel[i] for i in range(4)]
    assert np.allclose(found, np.stack(wanted, axis=1), atol=1e-5)


@pytest.mark.parametrize("backwards", [False, True])
def test_rnn_runs_a_step_after_the_other(backwards: bool) -> None:
    def step(inputs: Any, states: Any) -> Any:
        total = states[0] + inputs * states[1]
        return total, [total]

    mask = np.ones((3, 9), bool)
    mask[:, 4] = False
    factor = np.float32(2)
    last, outputs, states = K.rnn(
        step, STEPS, [np.zeros((3, 4), np.float32)], backwards, mask, [factor]
    )
    order = STEPS[:, ::-1] if backwards else STEPS
    counted = np.where(mask[:, :, None], order, 0)
    wanted = 2 * np.cumsum(counted, axis=1)
    assert np.allclose(outputs, wanted, atol=1e-5)
    assert np.allclose(last, wanted[:, -1], atol=1e-5)
    assert np.allclose(states[0], last)


def test_a_layer_trains_through_rnn_and_conv1d() -> None:
    class Summed(Layer):
        def build(self, shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(3, 4, 2))
            super().build(shape)

        def call(self, x: Any) -> Any:
            def step(part: Any, states: Any) -> Any:
                found = K.tanh(states[0] + part)
                return found, [found]

            parts = K.conv1d(x, self.kernel)
            return K.rnn(step, parts, [K.zeros_like(parts[:, 0])])[0]

        def compute_output_shape(self, shape: Any) -> Any:
            return (shape[0], 2)

    inputs = Input((9, 4))
    model = Model(inputs, Summed()(inputs))
    model.compile("adam", "mse")
    targets = np.zeros((3, 2), np.float32)
    history = model.fit(STEPS, targets, epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_parts_and_folds() -> None:
    assert np.array_equal(K.slice(STEPS, [1, 2, 0], [2, 3, -1]), STEPS[1:3, 2:5])
    assert float(K.foldr(lambda found, one: one - found, np.array([1.0, 2.0, 4.0]))) == 3.0
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])
    assert np.array_equal(K.in_top_k(scores, np.array([2, 1]), 2), [True, False])


def test_batch_dot_of_four_axes_multiplies_matrices_as_before_keras_2_3() -> None:
    queries, keys = RNG.random((2, 3, 2, 5, 4))
    found = K.batch_dot(queries, keys, [3, 3])
    assert np.allclose(found, queries @ keys.swapaxes(2, 3))
    values = RNG.random((3, 2, 5, 6))
    assert np.allclose(K.batch_dot(found, values, [3, 2]), np.asarray(found) @ values)


def test_batch_dot_of_vectors_and_matrices_as_capsules_use_it() -> None:
    weights, parts = RNG.random((3, 2, 5)), RNG.random((3, 2, 5, 4))
    capsules = K.batch_dot(weights, parts, [2, 2])
    assert np.allclose(capsules, np.einsum("bni,bnid->bnd", weights, parts))
    again = K.batch_dot(capsules, parts, [2, 3])
    assert np.allclose(again, np.einsum("bnd,bnid->bni", np.asarray(capsules), parts))


def test_batch_dot_of_other_shapes_is_that_of_keras_3() -> None:
    left, right = RNG.random((3, 2, 5, 4)), RNG.random((3, 6, 4))
    found = K.batch_dot(left, right, [3, 2])
    assert np.allclose(found, np.einsum("bnid,bkd->bnik", left, right))
