"""Every activation and its gradient against real Keras on JAX."""

from typing import Any

import jax
import keras
import numpy as np
import pytest

from hoiquy.nn import activations
from hoiquy.nn.activations import ACTIVATIONS, Activation

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("relu", {"negative_slope": 0.3, "max_value": 2.0, "threshold": 0.3}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"max_value": 1.5}),
    ("leaky_relu", {"negative_slope": 0.4}),
    ("elu", {"alpha": 0.7}),
    ("celu", {"alpha": 0.7}),
    ("gelu", {"approximate": True}),
    ("squareplus", {"b": 1.5}),
    ("soft_shrink", {"threshold": 0.3}),
    ("hard_shrink", {"threshold": 0.3}),
    ("threshold", {"threshold": 0.3, "default_value": 1.0}),
]


def compare(ours: Activation, theirs: Any) -> None:
    rng = np.random.default_rng(1)
    x = (3 * rng.standard_normal((2, 5, 6))).astype(np.float32)
    y = ours(x)
    np.testing.assert_allclose(y, theirs(x), rtol=1e-5, atol=1e-6)
    weights = rng.standard_normal(y.shape).astype(np.float32)
    expected = jax.grad(lambda values: (theirs(values) * weights).sum())(x)
    np.testing.assert_allclose(ours.gradient(weights, x, y), expected, rtol=1e-4, atol=1e-5)


# Keras 3.15 adds up the cumulative sums of sparsemax; its outputs do not sum to 1.
@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"sparsemax"}))
def test_activations(name: str) -> None:
    compare(ACTIVATIONS[name], keras.activations.get(name))


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_settings(name: str, settings: dict[str, Any]) -> None:
    theirs = getattr(keras.activations, name)
    compare(getattr(activations, name)(**settings), lambda x: theirs(x, **settings))


def test_no_name_of_keras_is_missing() -> None:
    names = keras.src.activations.ALL_OBJECTS_DICT.keys()
    assert names - ACTIVATIONS.keys() == {"threshold"}  # it has no defaults
