"""Ten steps of every optimizer, and every schedule, against real Keras on JAX."""

from typing import Any

import keras
import numpy as np
import pytest

from optimizer_cases import CASES, SCHEDULES, optimizer_of, schedule_of

SHAPES = {"kernel": (5, 3), "bias": (4,)}


def arrays(rng: np.random.Generator, scale: float = 1.0) -> dict[str, Any]:
    return {n: (scale * rng.standard_normal(s)).astype(np.float32) for n, s in SHAPES.items()}


def assert_ten_steps(ours: Any, theirs: Any) -> None:
    rng = np.random.default_rng(2)
    parameters = arrays(rng)
    start = {name: array.copy() for name, array in parameters.items()}
    variables = [keras.Variable(array) for array in parameters.values()]
    for step in range(10):
        gradients = arrays(rng, 10.0 ** (1 - step % 4))
        ours.update(parameters, gradients)
        theirs.apply(list(gradients.values()), variables)
        for (name, parameter), variable in zip(parameters.items(), variables, strict=True):
            assert np.abs(parameter - start[name]).max() > 1e-6
            np.testing.assert_allclose(parameter, variable.numpy(), rtol=0, atol=1e-5)
    ours.finalize(parameters)
    theirs.finalize_variable_values(variables)
    for parameter, variable in zip(parameters.values(), variables, strict=True):
        np.testing.assert_allclose(parameter, variable.numpy(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_ten_steps(case: str) -> None:
    name, settings = CASES[case]
    assert_ten_steps(optimizer_of(case), getattr(keras.optimizers, name)(**settings))


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules(case: str) -> None:
    name, settings = SCHEDULES[case]
    ours, theirs = schedule_of(case), getattr(keras.optimizers.schedules, name)(**settings)
    assert [ours(s) for s in range(40)] == pytest.approx(
        [float(theirs(s)) for s in range(40)], rel=2e-5, abs=1e-7
    )


def test_ten_steps_of_a_schedule() -> None:
    name, settings = SCHEDULES["exponential"]
    theirs = getattr(keras.optimizers.schedules, name)(**settings)
    ours = optimizer_of("sgd momentum")
    ours.learning_rate = schedule_of("exponential")
    assert_ten_steps(ours, keras.optimizers.SGD(theirs, momentum=0.9))


@pytest.mark.parametrize("case", CASES)
def test_defaults_are_those_of_keras(case: str) -> None:
    name, settings = CASES[case]
    ours, config = optimizer_of(case), getattr(keras.optimizers, name)(**settings).get_config()
    for setting, value in config.items():
        if setting not in ("name", "loss_scale_factor", "gradient_accumulation_steps"):
            assert getattr(ours, setting) == pytest.approx(value), setting
