"""Adam against Keras' own lines, transcribed, in float64."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hoiquy.nn.optimizers import Adam

Array = NDArray[np.float64]


class KerasAdam:
    """keras.optimizers.Adam.update_step, line by line."""

    def __init__(self, learning_rate: float) -> None:
        self.lr, self.beta_1, self.beta_2, self.epsilon = learning_rate, 0.9, 0.999, 1e-7
        self.iterations = 0
        self.m: Array | float = 0.0
        self.v: Array | float = 0.0

    def update_step(self, gradient: Array, variable: Array) -> Array:
        local_step = self.iterations + 1
        beta_1_power = self.beta_1**local_step
        beta_2_power = self.beta_2**local_step
        alpha = self.lr * math.sqrt(1 - beta_2_power) / (1 - beta_1_power)
        self.m = self.m + (gradient - self.m) * (1 - self.beta_1)
        self.v = self.v + (np.square(gradient) - self.v) * (1 - self.beta_2)
        self.iterations += 1
        return variable - (self.m * alpha) / (np.sqrt(self.v) + self.epsilon)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-6)])
@pytest.mark.parametrize("learning_rate", [1e-4, 0.1])
def test_fifty_steps_as_keras_takes_them(
    learning_rate: float, dtype: Any, tolerance: float
) -> None:
    rng = np.random.default_rng(1)
    shapes = {"lstm/kernel": (5, 12), "lstm/bias": (12,)}
    expected = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    parameters = {name: array.astype(dtype) for name, array in expected.items()}
    begin = {name: array.copy() for name, array in expected.items()}
    ours, keras = Adam(learning_rate), {name: KerasAdam(learning_rate) for name in shapes}
    for step in range(50):
        # From huge to tiny, so that epsilon's place and the corrections both tell.
        scale = 10.0 ** (2 - step // 5)
        drawn = {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}
        if step == 10:
            drawn["lstm/bias"][:] = 0
        ours.update(parameters, {name: array.astype(dtype) for name, array in drawn.items()})
        for name, gradient in drawn.items():
            expected[name] = keras[name].update_step(gradient, expected[name])
    for name, array in expected.items():
        assert parameters[name].dtype == dtype
        assert np.abs(array - begin[name]).max() > 5 * learning_rate
        np.testing.assert_allclose(parameters[name], array, rtol=0, atol=tolerance)


def test_epsilon_is_added_to_the_uncorrected_root() -> None:
    """A gradient as small as epsilon's own doing: the paper's place for it moves 16 times as
    far."""
    parameters = {"a": np.zeros(1)}
    gradient = 1e-7
    Adam(1.0).update(parameters, {"a": np.array([gradient])})
    root = math.sqrt(0.001) * gradient
    moved = math.sqrt(0.001) / 0.1 * 0.1 * gradient / (root + 1e-7)
    np.testing.assert_allclose(parameters["a"], -moved, rtol=1e-9)


def test_parameters_move_in_place_and_gradients_stay() -> None:
    array, gradient = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    parameters = {"a": array}
    adam = Adam(0.5)
    adam.update(parameters, {"a": gradient})
    assert parameters["a"] is array and adam.step == 1
    np.testing.assert_allclose(array, 0.5, atol=1e-5)  # the first step is the learning rate
    np.testing.assert_array_equal(gradient, 1)


def test_each_parameter_has_a_state_of_its_own() -> None:
    together = {"a": np.zeros(3), "b": np.zeros(3)}
    separate = {"a": np.zeros(3)}
    both, single = Adam(0.1), Adam(0.1)
    for step in range(1, 6):
        gradient = np.full(3, 1.0 / step)
        both.update(together, {"a": gradient, "b": -3 * gradient})
        single.update(separate, {"a": gradient})
    np.testing.assert_array_equal(together["a"], separate["a"])
