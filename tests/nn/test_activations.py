"""Every activation: gradients against central differences, dtypes, overflow, and unknown names."""

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.errors import InputError
from hoiquy.nn import activations
from hoiquy.nn.activations import ACTIVATIONS, Activation, activation_of
from hoiquy.nn.losses import OUTPUTS

CORNERS = {0.0, 0.3, 0.5, 1.0, 2.0, 3.0, 6.0}
WITH_SETTINGS = {
    "relu capped": activations.relu(max_value=2.0),
    "relu leaky": activations.relu(negative_slope=0.3, max_value=2.0, threshold=0.3),
    "relu threshold": activations.relu(threshold=0.3),
    "leaky": activations.leaky_relu(0.4),
    "elu": activations.elu(0.7),
    "celu": activations.celu(0.6),
    "gelu near": activations.gelu(approximate=True),
    "squareplus": activations.squareplus(1.5),
    "shrink": activations.soft_shrink(0.3),
    "hard shrink": activations.hard_shrink(0.3),
    "threshold": activations.threshold(0.3, 1.0),
}
EVERY = {**ACTIVATIONS, **WITH_SETTINGS}
every_activation = pytest.mark.parametrize("activation", EVERY.values(), ids=EVERY)


def inputs(seed: int) -> np.ndarray:
    """From -8 to 8, away from every corner."""
    x = np.random.default_rng(seed).uniform(-8, 8, (3, 4, 6))
    x[0] /= 5
    for corner in CORNERS:
        x[np.abs(np.abs(x) - corner) < 1e-3] += 4e-3
    return x


@every_activation
def test_gradients(activation: Activation) -> None:
    x, rng = inputs(1), np.random.default_rng(2)
    y = activation(x)
    weights = rng.standard_normal(y.shape)
    gradient = activation.gradient(weights, x, y)
    # exp(8) is large: its curvature, too.
    scale = max(1.0, float(np.abs(y).max()))
    assert_gradients(
        lambda: float(np.vdot(weights, activation(x))) / scale,
        {"x": x},
        {"x": gradient / scale},
        rng,
    )


@every_activation
def test_float32_stays_float32(activation: Activation) -> None:
    x = inputs(3).astype(np.float32)
    y = activation(x)
    d_x = activation.gradient(np.ones_like(y), x, y)
    assert y.dtype == d_x.dtype == np.float32 and d_x.shape == x.shape
    np.testing.assert_allclose(y, activation(x.astype(np.float64)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"exponential"}))
def test_nothing_overflows(name: str) -> None:
    """NumPy would warn, and warnings are errors."""
    x = np.array([[-200.0, 200.0], [-1e4, 1e4]], np.float32)
    y = ACTIVATIONS[name](x)
    assert np.isfinite(y).all()
    assert np.isfinite(ACTIVATIONS[name].gradient(np.ones_like(y), x, y)).all()


def test_softmax_and_sigmoid_are_those_of_recipes() -> None:
    logits = inputs(4).reshape(12, 6).astype(np.float32)
    for name, output in OUTPUTS.items():
        np.testing.assert_array_equal(ACTIVATIONS[name](logits), output.probabilities(logits))


def test_sparsemax_is_the_nearest_distribution() -> None:
    x = np.array([[1.0, 0.8, 0.1], [3.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    expected = [[0.6, 0.4, 0.0], [1.0, 0.0, 0.0], [1 / 3] * 3]
    np.testing.assert_allclose(ACTIVATIONS["sparsemax"](x), expected)


def test_names() -> None:
    assert activation_of("swish") is activation_of("silu")
    assert activation_of(None).name == "linear"
    with pytest.raises(InputError, match=r"activation 'rellu' is unknown; expected one of celu"):
        activation_of("rellu")
