"""Binary cross-entropy from logits, against the formula as it stands in books."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradients import assert_gradients
from hoiquy.losses import binary_crossentropy, sigmoid

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
