"""Every loss: gradients against central differences, shapes, and errors that name the value."""

import re
from typing import Any

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.errors import DataError, InputError, ShapeError
from hoiquy.nn import losses
from loss_cases import CASES, CLASSES, LossCase, draw


@pytest.mark.parametrize("shape", [(4,), (3, 2)])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_are_those_of_the_values(case: LossCase, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    predictions, targets = draw(case.predictions, shape, rng), draw(case.targets, shape, rng)
    weights = rng.standard_normal(shape)
    values, backward = case.loss.values(predictions, targets)
    assert values.shape == shape and values.dtype == predictions.dtype

    def total() -> float:
        return float(np.vdot(weights, case.loss.values(predictions, targets).values))

    assert_gradients(total, {"p": predictions}, {"p": backward(weights)}, rng)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.loss.fused_activation and "from_logits" not in c.settings],
    ids=str,
)  # fmt: skip
def test_values_from_logits_are_those_after_the_activation(case: LossCase) -> None:
    rng = np.random.default_rng(4)
    logits, targets = draw("numbers", (6,), rng), draw(case.targets, (6,), rng)
    activation = losses.sigmoid if case.loss.fused_activation == "sigmoid" else losses.softmax
    values, backward = case.loss.values_from_logits(logits, targets)
    np.testing.assert_allclose(values, case.loss.values(activation(logits), targets).values)
    weights = rng.standard_normal(6)

    def total() -> float:
        return float(np.vdot(weights, case.loss.values_from_logits(logits, targets).values))

    assert_gradients(total, {"x": logits}, {"x": backward(weights)}, rng)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_float32_stays_float32(case: LossCase) -> None:
    rng = np.random.default_rng(5)
    predictions = draw(case.predictions, (4,), rng).astype(np.float32)
    values, backward = case.loss.values(predictions, draw(case.targets, (4,), rng))
    assert values.dtype == backward(np.ones_like(values)).dtype == np.float32


def test_logits_of_recipes_give_the_same_bits() -> None:
    rng = np.random.default_rng(6)
    logits = rng.standard_normal((32, 2)).astype(np.float32)
    targets = np.eye(2, dtype=np.float32)[rng.integers(0, 2, 32)]
    for loss, of_recipes in (
        (losses.BinaryCrossentropy(), losses.binary_crossentropy),
        (losses.CategoricalCrossentropy(), losses.categorical_crossentropy),
    ):
        expected, gradient = of_recipes(logits, targets)
        values, backward = loss.values_from_logits(logits, targets)
        np.testing.assert_array_equal(values, expected)
        np.testing.assert_array_equal(backward(np.ones_like(values)), gradient)


@pytest.mark.parametrize("targets", [(4,), (4, 1)])
def test_targets_may_lack_a_last_axis_of_one(targets: tuple[int, ...]) -> None:
    predictions = np.linspace(0.1, 0.9, 4)[:, None]
    values, backward = losses.MeanSquaredError().values(predictions, np.ones(targets))
    np.testing.assert_allclose(values, (predictions[:, 0] - 1) ** 2)
    assert backward(np.ones(4)).shape == (4, 1)


def test_targets_of_steps_may_lack_a_last_axis_of_one() -> None:
    """Then, as in Keras, values are means over the steps."""
    predictions = np.random.default_rng(1).random((3, 4, 1))
    values, backward = losses.MeanSquaredError().values(predictions, np.zeros((3, 4)))
    np.testing.assert_allclose(values, (predictions**2).mean((1, 2)))
    assert backward(np.ones(3)).shape == (3, 4, 1)


def test_ignored_classes_are_masked() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    targets = np.array([0, 1, 0])
    predictions = np.full((3, CLASSES), 1 / CLASSES)
    np.testing.assert_array_equal(loss.target_mask(predictions, targets), [False, True, False])
    np.testing.assert_allclose(loss.values(predictions, targets).values, [0, np.log(5), 0])
    assert losses.Huber().target_mask(predictions, predictions) is None


SPARSE, MSE = losses.SparseCategoricalCrossentropy(), losses.MeanSquaredError()


@pytest.mark.parametrize(
    ("loss", "predictions", "targets", "error", "message"),
    [
        (SPARSE, (2, 3), [0, 7], DataError, "target 7 is outside the classes 0 to 2 (3 outputs)"),
        (SPARSE, (2, 3), [-1, 2], DataError, "target -1 is outside the classes 0 to 2"),
        (SPARSE, (2, 3), [0.5, 2], DataError, "target 0.5 is not a class"),
        (SPARSE, (2, 3), [0, np.nan], DataError, "target nan is not a class"),
        (SPARSE, (2, 3), np.eye(3)[:2], ShapeError, "use the categorical loss"),
        (losses.BinaryCrossentropy(), (2, 1), [0, 4], DataError, "target 4 is outside 0 to 1"),
        (MSE, (2, 1), [1, np.nan], DataError, "a target is NaN"),
        (MSE, (2, 3), [1, 2], ShapeError, "targets (2,) do not fit predictions (2, 3)"),
        (MSE, (2, 3), [[1], [2]], ShapeError, "class indices need a sparse loss"),
        (losses.BinaryCrossentropy(), (2, 3), np.ones((2, 2)), ShapeError, "expected targets"),
    ],
)
def test_wrong_targets_are_named(
    loss: losses.Loss, predictions: Any, targets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        loss.values(np.full(predictions, 0.5), np.array(targets))


def test_wrong_settings_are_named() -> None:
    with pytest.raises(InputError, match="'average' is unknown; expected one of sum_over_batch"):
        losses.Huber(reduction="average")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="huber_loss is not computed from logits"):
        losses.Huber().values_from_logits(np.ones((1, 1)), np.ones((1, 1)))


def test_names() -> None:
    assert losses.Huber().name == "huber_loss" and losses.Huber(name="h").name == "h"
    assert losses.LOSSES["log_cosh"] is losses.LogCosh


@pytest.mark.parametrize(
    ("targets", "predictions", "expected"),
    [
        ((None,), (None, 1), losses.BinaryCrossentropy),
        ((None, 1), (None, 1), losses.BinaryCrossentropy),
        ((None,), (None, 4), losses.SparseCategoricalCrossentropy),
        ((None, 1), (None, 4), losses.SparseCategoricalCrossentropy),
        ((None, 7), (None, 7, 4), losses.SparseCategoricalCrossentropy),
        ((None, 4), (None, 4), losses.CategoricalCrossentropy),
    ],
)
def test_crossentropy_is_resolved(targets: Any, predictions: Any, expected: Any) -> None:
    assert losses.resolve_crossentropy(targets, predictions) == expected()
