"""Streaming metrics: batches add up, `reset` forgets, weights repeat rows, and errors."""

import re
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, r2_score, roc_auc_score

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.losses import Huber
from hoiquy.nn.metrics.streaming import (
    AUC,
    METRICS,
    BinaryAccuracy,
    F1Score,
    MeanOfLoss,
    Precision,
    PrecisionAtRecall,
    R2Score,
    SparseTopKCategoricalAccuracy,
    resolve_crossentropy,
)
from metric_cases import CASES, Case, draw, metric_of, title

every_case = pytest.mark.parametrize("case", CASES, ids=title)


@every_case
def test_batches_add_up_and_reset_forgets(case: Case) -> None:
    rng = np.random.default_rng(5)
    targets, predictions = draw(case[2], rng), draw(case[3], rng)
    whole, parts = metric_of(case), metric_of(case)
    parts.update(predictions=predictions[:9], targets=targets[:9])
    parts.reset()
    for part in (slice(0, 32), slice(32, None)):
        parts.update(targets[part], predictions[part])
    whole.update(targets, predictions)
    np.testing.assert_allclose(parts.result(), whole.result(), rtol=1e-6)


@every_case
def test_a_weight_of_two_counts_a_row_twice(case: Case) -> None:
    if case[1].get("num_regressors") or "ignore_class" in case[1]:
        pytest.skip("Keras counts rows, or drops ignored ones only where there are weights")
    rng = np.random.default_rng(6)
    targets, predictions = draw(case[2], rng), draw(case[3], rng)
    times = rng.integers(0, 3, len(targets))
    weighted, repeated = metric_of(case), metric_of(case)
    weighted.update(targets, predictions, times.astype(np.float32))
    repeated.update(np.repeat(targets, times, axis=0), np.repeat(predictions, times, axis=0))
    np.testing.assert_allclose(weighted.result(), repeated.result(), rtol=1e-6)


def test_nothing_counted_yet() -> None:
    for name in ("BinaryAccuracy", "AUC", "Precision", "F1Score", "R2Score", "MeanSquaredError"):
        assert METRICS[name]().result() == 0


def test_masked_steps_do_not_count() -> None:
    metric = BinaryAccuracy()
    predictions = np.array([[[0.9], [0.2]], [[0.1], [0.8]]])
    targets = np.array([[1, 1], [1, 1]])
    metric.update(targets, predictions, None, np.array([[True, False], [True, True]]))
    assert metric.result() == pytest.approx(2 / 3)
    metric.reset()
    metric.update(targets, predictions, np.array([1, 0]), np.array([[True, False], [True, True]]))
    assert metric.result() == 1


def test_as_scikit_learn_measures() -> None:
    rng = np.random.default_rng(7)
    targets = rng.integers(0, 2, (500, 3))
    scores = np.clip(targets * 0.3 + rng.random((500, 3)) * 0.7, 0, 1)
    area = AUC(num_thresholds=2000, multi_label=True)
    area.update(targets, scores)
    assert area.result() == pytest.approx(roc_auc_score(targets, scores), abs=1e-3)
    f1 = F1Score(average="macro", threshold=0.5)
    f1.update(targets, scores)
    assert f1.result() == pytest.approx(f1_score(targets, scores > 0.5, average="macro"), abs=1e-6)
    r2 = R2Score()
    r2.update(targets, scores)
    assert r2.result() == pytest.approx(r2_score(targets, scores))


def test_top_k_of_what_is_no_class() -> None:
    metric = SparseTopKCategoricalAccuracy(k=2)
    metric.update(np.array([2, 0, 7, -1]), np.tile([[0.1, 0.2, 0.7]], (4, 1)))
    assert metric.result() == 0.25


def test_the_mean_of_any_loss() -> None:
    metric = MeanOfLoss(Huber(delta=1.0))
    metric.update(np.zeros((2, 1)), np.array([[0.5], [3.0]]))
    assert resolve_crossentropy((None,), (None, 1), "ce").name == "ce"
    assert metric.name == "huber_loss" and metric.result() == pytest.approx((0.125 + 2.5) / 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Precision(thresholds=1.5), "threshold 1.5: expected a number from 0 to 1"),
        (lambda: AUC(curve="roc curve"), "curve 'roc curve': expected ROC, PR or PRGAIN"),
        (lambda: AUC(summation_method="x"), "summation_method 'x': expected interpolation"),
        (lambda: AUC(num_thresholds=1), "num_thresholds=1: expected 2 or more"),
        (lambda: AUC(num_labels=2), "num_labels is only for multi_label=True"),
        (lambda: PrecisionAtRecall(1.2), "precision_at_recall: 1.2, expected"),
        (lambda: PrecisionAtRecall(0.2, num_thresholds=0), "num_thresholds=0: expected 1 or more"),
        (lambda: F1Score(average="mean"), "average 'mean': expected None, micro"),
        (lambda: F1Score(threshold=0.0), "threshold=0.0: expected"),
        (lambda: METRICS["FBetaScore"](beta=-1.0), "beta=-1.0: expected"),
        (lambda: R2Score(class_aggregation="sum"), "class_aggregation 'sum': expected None"),
        (lambda: R2Score(num_regressors=-1), "num_regressors=-1: expected 0 or more"),
    ],
)
def test_wrong_settings_are_named(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        make()


@pytest.mark.parametrize("name", sorted(METRICS))
def test_wrong_shapes_are_named(name: str) -> None:
    metric = METRICS[name](0.5) if "At" in name else METRICS[name]()
    with pytest.raises(ShapeError, match=r"\(5, 2\).*\(4, 3\)"):
        metric.update(np.zeros((5, 2)), np.zeros((4, 3)))


def test_wrong_weights_are_named() -> None:
    for metric in (BinaryAccuracy(), Precision(), AUC()):
        with pytest.raises(ShapeError, match=r"weights \(3,.* do not fit"):
            metric.update(np.zeros((4, 2)), np.zeros((4, 2)), np.ones(3))
    with pytest.raises(ShapeError, match=r"predictions \(4, 2\) have no class 5"):
        Precision(class_id=5).update(np.zeros((4, 2)), np.zeros((4, 2)))
    with pytest.raises(ShapeError, match=r"auc: predictions \(4, 2\), expected \(N, 3\)"):
        AUC(multi_label=True, num_labels=3).update(np.zeros((4, 2)), np.zeros((4, 2)))
