"""Regularizers, constraints and the distributions of initializers against real Keras on JAX."""

from typing import Any

import jax
import keras
import numpy as np
import pytest

from hoiquy.nn import constraints, regularizers
from hoiquy.nn.initializers import INITIALIZERS


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("L1L2", {"l1": 0.2, "l2": 0.1}),
        ("L1L2", {"l2": 0.1}),
        ("OrthogonalRegularizer", {}),
        ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
    ],
)
def test_regularizers(name: str, settings: dict[str, Any]) -> None:
    array = np.random.default_rng(1).standard_normal((5, 7)).astype(np.float32)
    ours = getattr(regularizers, name)(**settings)
    theirs = getattr(keras.regularizers, name)(**settings)
    assert ours.penalty(array) == pytest.approx(float(theirs(jax.numpy.asarray(array))), rel=1e-5)
    np.testing.assert_allclose(ours.gradient(array), jax.grad(theirs)(array), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("MaxNorm", {}),
        ("MaxNorm", {"max_value": 0.5, "axis": 1}),
        ("NonNeg", {}),
        ("UnitNorm", {}),
        ("UnitNorm", {"axis": (0, 1)}),
        ("MinMaxNorm", {}),
        ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.7, "axis": 1}),
    ],
)
def test_constraints(name: str, settings: dict[str, Any]) -> None:
    array = np.random.default_rng(1).standard_normal((5, 7)).astype(np.float32)
    expected = getattr(keras.constraints, name)(**settings)(array)
    ours = getattr(constraints, name)(**settings).project(array)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(120, 90), (3, 40, 60)])
@pytest.mark.parametrize("name", sorted(INITIALIZERS.keys() - {"identity", "constant"}))
def test_distributions(name: str, shape: tuple[int, ...]) -> None:
    ours = INITIALIZERS[name]()(shape, np.random.default_rng(1), np.float32)
    keras.utils.set_random_seed(1)
    theirs = np.asarray(keras.initializers.get(name)(shape))
    deviation = theirs.std()
    assert abs(ours.mean() - theirs.mean()) <= deviation / 20
    assert abs(ours.std() - deviation) <= deviation / 40
    if "truncated" in name or ("normal" not in name and name != "orthogonal"):  # has bounds
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.25)
