"""Losses, their gradients and their reductions against real Keras on JAX."""

from typing import Any

import jax
import keras
import numpy as np
import pytest
from keras.src.backend import set_keras_mask

from hoiquy.nn import losses
from hoiquy.nn.losses import reduced
from loss_cases import CASES, LossCase, draw

SHAPE = (4, 3)


def twin(case: LossCase, reduction: Any = None) -> Any:
    return getattr(keras.losses, type(case.loss).__name__)(**case.settings, reduction=reduction)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients(case: LossCase) -> None:
    rng = np.random.default_rng(8)
    predictions = draw(case.predictions, SHAPE, rng).astype(np.float32)
    targets = draw(case.targets, SHAPE, rng)
    weights = rng.standard_normal(SHAPE).astype(np.float32)
    theirs = twin(case)
    values, backward = case.loss.values(predictions, targets)
    np.testing.assert_allclose(values, theirs(targets, predictions), rtol=2e-5, atol=2e-6)
    gradient = jax.grad(lambda p: (theirs(targets, p) * weights).sum())(predictions)
    assert np.isfinite(gradient).all() or case.settings.get("ignore_class") is not None
    close = np.isfinite(gradient)
    np.testing.assert_allclose(
        backward(weights)[close], np.asarray(gradient)[close], rtol=2e-4, atol=2e-5
    )
    assert case.loss.name == theirs.name


@pytest.mark.parametrize("loss", [losses.BinaryCrossentropy, losses.CategoricalCrossentropy])
def test_probabilities_at_the_ends_are_clipped(loss: Any) -> None:
    predictions = np.array([[0.0, 1.0], [1e-8, 1 - 1e-8], [0.5, 0.5]], np.float32)
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    theirs = getattr(keras.losses, loss.__name__)(reduction=None)
    values, backward = loss().values(predictions, targets)
    np.testing.assert_allclose(values, theirs(targets, predictions), rtol=1e-6)
    gradient = jax.grad(lambda p: theirs(targets, p).sum())(predictions)
    np.testing.assert_allclose(backward(np.ones(3, np.float32)), gradient, rtol=1e-6)


@pytest.mark.parametrize("reduction", losses.REDUCTIONS)
@pytest.mark.parametrize("weights", [None, (6, 1), (6, 3)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("ignored", [None, 1])
def test_reductions_of_steps(
    reduction: Any, weights: tuple[int, ...] | None, masked: bool, ignored: int | None
) -> None:
    rng = np.random.default_rng(9)
    predictions = draw("distributions", (6, 3), rng).astype(np.float32)
    targets = draw("classes", (6, 3), rng)
    weight = None if weights is None else rng.random(weights).astype(np.float32)
    mask = rng.random((6, 3)) < 0.6 if masked else None
    settings: dict[str, Any] = {"ignore_class": ignored, "reduction": reduction}
    given = jax.numpy.asarray(predictions)
    if masked:
        set_keras_mask(given, jax.numpy.asarray(mask))
    expected = keras.losses.SparseCategoricalCrossentropy(**settings)(targets, given, weight)
    ours = losses.SparseCategoricalCrossentropy(**settings)
    kept = ours.target_mask(predictions, targets)
    both = kept if mask is None else mask if kept is None else mask & kept
    loss, _ = reduced(ours.values(predictions, targets).values, weight, both, reduction)
    assert loss == pytest.approx(float(np.sum(expected)), rel=1e-5)


@pytest.mark.parametrize("reduction", losses.REDUCTIONS)
@pytest.mark.parametrize("weights", [None, (6,), (6, 1)])
def test_reductions_of_rows(reduction: Any, weights: tuple[int, ...] | None) -> None:
    rng = np.random.default_rng(9)
    predictions, targets = draw("numbers", (6,), rng), draw("numbers", (6,), rng)
    weight = None if weights is None else rng.random(weights)
    expected = keras.losses.MeanSquaredError(reduction=reduction)(targets, predictions, weight)
    values = losses.MeanSquaredError().values(predictions, targets).values
    loss, _ = reduced(values, weight, None, reduction)
    assert loss == pytest.approx(float(np.sum(expected)), rel=1e-5)
