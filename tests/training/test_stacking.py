"""Weights of teachers: the gradient, what they take back, and what they are worth."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from hoiquy.nn.losses import MIN_PROBABILITY, log_probabilities
from hoiquy.training.stacking import (
    SHARPNESS,
    combined,
    fit_stacking_weights,
    log_loss,
    sharpened,
)

Labels = NDArray[np.int32]


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def calibrated(documents: int, classes: int, seed: int) -> tuple[NDArray[np.float64], Labels]:
    """Logits, and labels that are drawn with their very probabilities."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.normal(size=(documents, classes))
    drawn = rng.random((documents, 1)) < softmax(logits).cumsum(axis=1)
    return logits, drawn.argmax(axis=1).astype(np.int32)


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_sharp_probabilities_keep_the_shares_of_classes(shift: float) -> None:
    logits, _ = calibrated(500, 3, seed=4)
    logits = logits + np.array([shift, 0.0, 0.0])
    shares, sharp = softmax(logits).mean(axis=0), softmax(SHARPNESS * logits)
    assert (np.abs(sharp.mean(axis=0) - shares).max() > 0.05) == (shift > 0)
    found = sharpened([log_probabilities(softmax(logits))], [1.0])
    np.testing.assert_allclose(found.mean(axis=0), shares, atol=1e-3)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    # a factor for each class changes no order within it
    odds = np.log(found[:, 0] / found[:, 1]) - SHARPNESS * (logits[:, 0] - logits[:, 1])
    np.testing.assert_allclose(odds, odds[0], atol=1e-6)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_gradient_is_that_of_the_loss(classes: int) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, classes, 40).astype(np.int32)
    log_p = [log_probabilities(rng.random((40, classes))) for _ in range(3)]
    weights, step = np.array([0.3, 1.2, 0.0]), 1e-6
    _, gradient = log_loss(log_p, weights, labels)
    for at in range(3):
        moved = step * np.eye(3)[at]
        up, down = (log_loss(log_p, weights + sign * moved, labels)[0] for sign in (1, -1))
        assert gradient[at] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-9)


def test_the_gradient_of_several_labels_is_that_of_the_loss() -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random((40, 4)) < 0.4).astype(np.uint8)
    logits = [3 * rng.normal(size=(40, 4)) for _ in range(3)]
    weights, step = np.array([0.3, 1.2, 0.0]), 1e-6
    loss, gradient = log_loss(logits, weights, labels)
    p = 1 / (1 + np.exp(-(0.3 * logits[0] + 1.2 * logits[1])))
    assert loss == pytest.approx(-np.log(np.where(labels, p, 1 - p)).mean(), rel=1e-10)
    for at in range(3):
        moved = step * np.eye(3)[at]
        up, down = (log_loss(logits, weights + sign * moved, labels)[0] for sign in (1, -1))
        assert gradient[at] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-9)


def test_weights_of_several_labels_calibrate_and_leave_noise_out() -> None:
    rng = np.random.default_rng(2)
    logits = 2 * rng.normal(size=(3000, 4))
    labels = (rng.random((3000, 4)) < 1 / (1 + np.exp(-logits))).astype(np.uint8)
    good, noise = fit_stacking_weights([2 * logits, logits[::-1]], labels)
    assert good == pytest.approx(0.5, abs=0.05) and noise < 0.02
    assert fit_stacking_weights([-logits], labels) == [0.0]


def test_the_loss_is_that_of_the_probabilities_together() -> None:
    logits, labels = calibrated(50, 3, seed=2)
    log_p = [log_probabilities(softmax(logits)), log_probabilities(softmax(logits[::-1]))]
    p = combined(log_p, [0.4, 0.7])
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    by_hand = np.exp(0.4 * log_p[0] + 0.7 * log_p[1])
    np.testing.assert_allclose(p, by_hand / by_hand.sum(axis=1, keepdims=True), rtol=1e-10)
    loss = -np.log(p[np.arange(50), labels]).mean()
    assert log_loss(log_p, [0.4, 0.7], labels)[0] == pytest.approx(loss, rel=1e-12)


def test_answers_are_normalised_and_clipped() -> None:
    answers = np.array([[0.2, 0.6], [0.0, 1.0], [0.0, 0.0]], np.float32)
    found = np.exp(log_probabilities(answers))
    np.testing.assert_allclose(found, [[0.25, 0.75], [MIN_PROBABILITY, 1], [0.5, 0.5]], rtol=1e-6)
    assert found.dtype == np.float64


def test_a_teacher_that_knows_nothing_gets_no_weight() -> None:
    logits, labels = calibrated(4000, 3, seed=3)
    noise = np.random.default_rng(9).normal(size=logits.shape)
    good, bad = fit_stacking_weights(
        [log_probabilities(softmax(x)) for x in (logits, noise)], labels
    )
    assert good == pytest.approx(1, abs=0.1)
    assert bad == pytest.approx(0, abs=0.05)


def test_a_teacher_that_is_always_wrong_gets_exactly_none() -> None:
    logits, labels = calibrated(500, 2, seed=4)
    first, second = np.random.default_rng(3).normal(size=(2, *logits.shape))
    log_p = [log_probabilities(softmax(x)) for x in (logits + first, -logits - second)]
    assert fit_stacking_weights(log_p, labels)[1] == 0


@pytest.mark.parametrize("too_sure", [0.5, 1.0, 3.0])
def test_the_weight_takes_back_what_a_teacher_is_too_sure_of(too_sure: float) -> None:
    logits, labels = calibrated(4000, 2, seed=5)
    (weight,) = fit_stacking_weights([log_probabilities(softmax(too_sure * logits))], labels)
    assert weight == pytest.approx(1 / too_sure, rel=0.12)


@pytest.mark.parametrize("classes", [2, 4])
def test_all_are_worth_no_less_than_any_alone_at_its_best(classes: int) -> None:
    logits, labels = calibrated(600, classes, seed=6)
    rng = np.random.default_rng(8)
    views = [2 * (logits + rng.normal(size=logits.shape)) for _ in range(3)]
    log_p = [log_probabilities(softmax(view)) for view in views]
    weights = fit_stacking_weights(log_p, labels)
    assert min(weights) > 0.05  # each sees something of its own
    loss, gradient = log_loss(log_p, weights, labels)
    gradient += np.array(weights) / (25 * len(labels))  # the prior's
    assert np.abs(gradient).max() < 1e-5
    for one in log_p:
        alone = minimize_scalar(
            lambda weight, one=one: log_loss([one], [weight], labels)[0], bounds=(0, 5)
        )
        assert loss < alone.fun - 1e-3


def test_the_same_numbers_give_the_same_weights() -> None:
    logits, labels = calibrated(300, 3, seed=7)
    log_p = [log_probabilities(softmax(logits)), log_probabilities(softmax(logits + 1))]
    assert fit_stacking_weights(log_p, labels) == fit_stacking_weights(log_p, labels)


def test_few_documents_do_not_make_teachers_certain() -> None:
    """Of 10 that good teachers do not err on, there is no largest weight without a prior."""
    largest, unseen = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, 1010).astype(np.int32)
        views = [3 * (labels - 0.5) + 1.5 * rng.standard_normal(1010) for _ in range(2)]
        log_p = [log_probabilities(softmax(np.stack([-view, view], axis=1))) for view in views]
        weights = fit_stacking_weights([one[:10] for one in log_p], labels[:10])
        largest.append(max(weights))
        unseen.append(log_loss([one[10:] for one in log_p], weights, labels[10:])[0])
    assert max(largest) < 15
    assert np.mean(unseen) < 0.5


def test_teachers_that_are_never_wrong_get_finite_weights() -> None:
    labels = (np.arange(30) % 2).astype(np.int32)
    log_p = [log_probabilities(np.eye(2)[labels]), log_probabilities(0.1 + 0.8 * np.eye(2)[labels])]
    weights = fit_stacking_weights(log_p, labels)
    assert np.isfinite(weights).all()
    assert np.isfinite(combined(log_p, weights)).all()
