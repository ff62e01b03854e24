"""Losses from logits, against the formulas of textbooks, and the probabilities of outputs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from gradients import assert_gradients
from hoiquy.nn.losses import (
    OUTPUTS,
    binary_crossentropy,
    categorical_crossentropy,
    log_softmax,
    sigmoid,
    softmax,
)

# Beyond 30 the formula itself loses its digits: 1 - p is 0.
moderate = st.lists(st.tuples(*[st.floats(-15, 15)] * 3), min_size=1, max_size=6)


def naive(logits: Any, targets: Any) -> Any:
    p = 1 / (1 + np.exp(-logits))
    return -(targets * np.log(p) + (1 - targets) * np.log(1 - p)).mean(axis=1)


def one_hot(documents: int, classes: int) -> Any:
    return np.eye(classes)[np.arange(documents) % classes]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-8), (np.float32, 1e-5)])
@given(rows=moderate)
def test_the_loss_is_the_formula(rows: Any, dtype: Any, tolerance: float) -> None:
    logits = np.array(rows, dtype)
    targets = one_hot(*logits.shape)
    losses, gradient = binary_crossentropy(logits, targets.astype(dtype))
    assert losses.dtype == gradient.dtype == dtype
    expected = naive(logits.astype(np.float64), targets)
    np.testing.assert_allclose(losses, expected, rtol=tolerance, atol=tolerance)


def test_the_gradient_by_central_differences() -> None:
    rng = np.random.default_rng(1)
    logits, targets = 3 * rng.standard_normal((7, 3)), one_hot(7, 3)
    _, gradient = binary_crossentropy(logits, targets)

    def total() -> float:
        return float(binary_crossentropy(logits, targets)[0].sum())

    assert_gradients(total, {"logits": logits}, {"logits": gradient}, rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits(dtype: Any) -> None:
    logits = np.array([[1000, -1000], [-1000, 1000], [1000, 1000], [0, 0]], dtype)
    targets = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], dtype)
    losses, gradient = binary_crossentropy(logits, targets)
    np.testing.assert_allclose(losses, [0, 1000, 500, np.log(2)], rtol=1e-6)
    np.testing.assert_allclose(gradient, [[0, 0], [-0.5, 0.5], [0.5, 0], [-0.25, 0.25]], atol=1e-7)


def test_learning_from_what_is_confidently_wrong_does_not_stop() -> None:
    """Clipped probabilities would give a gradient of zero here."""
    _, gradient = binary_crossentropy(np.array([[-60.0, 60.0]]), np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(gradient, [[-0.5, 0.5]])


def test_inputs_are_not_modified() -> None:
    logits, targets = np.array([[1.0, -2.0]]), np.array([[0.0, 1.0]])
    binary_crossentropy(logits, targets)
    assert logits.tolist() == [[1, -2]] and targets.tolist() == [[0, 1]]


@given(st.floats(-1e6, 1e6))
def test_sigmoid(logit: float) -> None:
    for dtype, tolerance in ((np.float32, 1e-6), (np.float64, 1e-15)):
        x = np.array([logit], dtype)
        expected = 1 / (1 + np.exp(-np.clip(x.astype(np.float64), -700, 700)))
        assert sigmoid(x).dtype == dtype
        np.testing.assert_allclose(sigmoid(x), expected, rtol=0, atol=tolerance)


LOGITS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=90),
    elements=st.floats(-1e6, 1e6, width=32),
)


def soft(rng: np.random.Generator, documents: int, classes: int) -> Any:
    return rng.dirichlet(np.full(classes, 0.3), documents)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("classes", [1, 2, 3, 77])
def test_categorical_crossentropy_is_the_formula(
    classes: int, dtype: Any, tolerance: float
) -> None:
    rng = np.random.default_rng(classes)
    logits = (4 * rng.standard_normal((20, classes))).astype(dtype)
    for targets in (one_hot(20, classes), soft(rng, 20, classes)):
        losses, gradient = categorical_crossentropy(logits, targets.astype(dtype))
        assert losses.dtype == gradient.dtype == dtype
        raised = np.exp(logits.astype(np.float64))
        p = raised / raised.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(softmax(logits), p, rtol=tolerance, atol=tolerance)
        expected = -(targets * np.log(p)).sum(axis=1)
        np.testing.assert_allclose(losses, expected, rtol=tolerance, atol=10 * tolerance)
        np.testing.assert_allclose(gradient, p - targets, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("classes", [2, 3, 77])
@pytest.mark.parametrize("activation", OUTPUTS)
def test_gradients_of_soft_targets(activation: str, classes: int) -> None:
    """Soft targets need not add up to 1: the gradient is that of the loss all the same."""
    output, rng = OUTPUTS[activation], np.random.default_rng(1)  # type: ignore[index]
    logits, targets = 3 * rng.standard_normal((4, classes)), rng.random((4, classes))
    _, gradient = output.losses(logits, targets)

    def total() -> float:
        return float(output.losses(logits, targets)[0].sum())

    assert_gradients(total, {"logits": logits}, {"logits": gradient}, rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_of_a_softmax(dtype: Any) -> None:
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0], [1e4, 1e4, 1e4]], dtype)
    targets = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1]], dtype)
    losses, gradient = categorical_crossentropy(logits, targets)
    np.testing.assert_allclose(losses, [0, 2e4, np.log(3)], rtol=1e-6)
    third = 1 / 3
    np.testing.assert_allclose(
        gradient, [[0, 0, 0], [-1, 1, 0], [third, third, third - 1]], atol=1e-7
    )
    assert logits[0].tolist() == [1e4, -1e4, 0]  # not modified


@given(LOGITS)
def test_a_softmax_adds_up_to_one(logits: Any) -> None:
    p = softmax(logits)
    assert p.dtype == np.float32 and (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1, dtype=np.float64), 1, rtol=0, atol=1e-6)
    np.testing.assert_allclose(np.exp(log_softmax(logits)), p, rtol=1e-6, atol=1e-30)
    predicted = OUTPUTS["softmax"].predicted(logits)
    np.testing.assert_array_equal(predicted, p.argmax(axis=1))
    for row in range(len(logits)):  # the same bits in any batch
        np.testing.assert_array_equal(softmax(logits[row : row + 1])[0], p[row])


@given(LOGITS)
def test_logarithms_of_either_output_are_those_of_a_distribution(logits: Any) -> None:
    for output in OUTPUTS.values():
        log_p = output.log_probabilities(logits)
        assert log_p.dtype == np.float64 and np.isfinite(log_p).all()
        clipped = 1e-5 * logits.shape[1]  # of sigmoids
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=0, atol=clipped + 1e-9)
