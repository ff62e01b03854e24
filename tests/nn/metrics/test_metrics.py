"""Measures against hand-computed examples, plain loops over the definitions, and scikit-learn."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from hoiquy.errors import DataError, ShapeError
from hoiquy.nn.metrics import (
    ClassMeasures,
    Evaluation,
    distribution,
    evaluate,
    macro_f1,
)

no_deadline = settings(deadline=None)  # scikit-learn is imported by the first call


@st.composite
def answers(draw: st.DrawFn) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Labels and sigmoid outputs: also exact 0 and 1, equal outputs, and classes without document.

    Outputs are multiples of 1/8 or any float32 between 0 and 1, subnormal ones too.
    """
    documents, classes = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    labels = draw(arrays.arrays(np.int32, documents, elements=st.integers(0, classes - 1)))
    coarse = st.integers(0, 8).map(lambda eighths: eighths / 8)
    output = st.one_of(coarse, st.floats(0, 1, width=32))
    return labels, draw(arrays.arrays(np.float32, (documents, classes), elements=output))


Answers = tuple[NDArray[np.int32], NDArray[np.float32]]


def shares_of(outputs: NDArray[np.float32]) -> list[list[float]]:
    """Each row by its sum; equal shares where the sum is 0."""
    rows = []
    for row in outputs.astype(float).tolist():
        total = math.fsum(row)
        rows.append([x / total if total else 1 / len(row) for x in row])
    return rows


def better_pairs(scores: list[float], positive: list[bool]) -> float:
    """ROC-AUC from its meaning: how often a positive scores above a negative; ties count half."""
    wins = pairs = 0.0
    for score, is_positive in zip(scores, positive, strict=True):
        for other, other_is_positive in zip(scores, positive, strict=True):
            if is_positive and not other_is_positive:
                pairs += 1
                wins += (score > other) + 0.5 * (score == other)
    return wins / pairs


def test_two_classes_by_hand() -> None:
    """Six documents, four correct. Outputs 0.9 + 0.3 sum to 1.2, so the shares are 3/4 and 1/4."""
    outputs = [[0.9, 0.3], [0.9, 0.3], [0.3, 0.9], [0.3, 0.9], [0.6, 0.2], [0.1, 0.1]]
    found = evaluate([0, 0, 1, 0, 1, 0], outputs)
    assert found.documents == 6
    assert found.accuracy == 4 / 6
    assert found.confusion.tolist() == [[3, 1], [1, 1]]
    assert found.confusion.dtype == np.int64
    assert found.per_class == (
        ClassMeasures(precision=0.75, recall=0.75, f1=0.75, documents=4),
        ClassMeasures(precision=0.5, recall=0.5, f1=0.5, documents=2),
    )
    assert found.macro_f1 == 0.625
    # Of the 8 pairs of a document of class 1 and one of class 0: the third document wins three and
    # ties with the fourth; the fifth ties with the first two and loses to the others.
    assert found.roc_auc == pytest.approx((3 + 0.5 + 2 * 0.5) / 8)
    log_loss = -(3 * math.log(0.75) + 2 * math.log(0.25) + math.log(0.5)) / 6
    assert found.log_loss == pytest.approx(log_loss)
    assert found.brier == pytest.approx((3 * 0.25**2 + 2 * 0.75**2 + 0.5**2) / 6)
    low, high = found.reliability
    assert (low.low, low.high, low.documents, low.accuracy) == (0.45, 0.5, 1, 1.0)
    assert low.confidence == 0.5
    assert (high.low, high.high, high.documents) == (0.7, 0.75, 5)
    assert (high.confidence, high.accuracy) == (pytest.approx(0.75), 3 / 5)
    assert found.expected_calibration_error == pytest.approx(0.5 / 6 + 0.15 * 5 / 6)


def test_three_classes_by_hand() -> None:
    """Class 2 is never answered: its precision is 0 / 0, which counts as 0."""
    found = evaluate([0, 1, 2, 2], [[0.8, 0.1, 0.1], [0, 1, 0], [0.5, 0.5, 0], [0, 0.75, 0.25]])
    assert found.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 0]]
    assert found.per_class == (
        ClassMeasures(0.5, 1.0, pytest.approx(2 / 3), 1),
        ClassMeasures(0.5, 1.0, pytest.approx(2 / 3), 1),
        ClassMeasures(0.0, 0.0, 0.0, 2),
    )
    assert found.macro_f1 == pytest.approx(4 / 9)
    # class 0 wins all 3 pairs, class 1 too, class 2 (0, 0.25 against 0.1, 0) 2.5 of 4
    assert found.roc_auc == pytest.approx((1 + 1 + 2.5 / 4) / 3)
    squares = (0.2**2 + 2 * 0.1**2) + 0 + (2 * 0.5**2 + 1) + (0.75**2 + 0.75**2)
    assert found.brier == pytest.approx(squares / 2 / 4)
    smallest = np.finfo(np.float64).eps
    log_loss = -(math.log(0.8) + math.log(smallest) + math.log(0.25)) / 4
    assert found.log_loss == pytest.approx(log_loss, rel=1e-6)


def test_classes_without_documents_and_predictions_do_not_count() -> None:
    outputs = np.eye(60, dtype=np.float32)[[3, 7, 7, 9]]
    found = evaluate([3, 7, 7, 9], outputs)
    assert found.accuracy == found.macro_f1 == 1.0
    assert found.per_class[0] == ClassMeasures(None, None, None, 0)
    found = evaluate([3, 7, 7, 7], outputs)  # 9 is predicted, wrongly: it counts as 0
    assert found.macro_f1 == pytest.approx((1 + 0.8 + 0) / 3)
    assert found.per_class[9] == ClassMeasures(0.0, 0.0, 0.0, 0)


@no_deadline
@given(answers())
def test_measures_follow_their_definitions(given_answers: Answers) -> None:
    labels, outputs = given_answers
    found = evaluate(labels, outputs)
    truth, shares = labels.tolist(), shares_of(outputs)
    documents, classes = outputs.shape
    predicted = [max(range(classes), key=row.__getitem__) for row in outputs.tolist()]
    for k in range(classes):
        for j in range(classes):
            both = sum(t == k and p == j for t, p in zip(truth, predicted, strict=True))
            assert found.confusion[k, j] == both
        hits = found.confusion[k, k]
        answered, of_class = found.confusion[:, k].sum(), found.confusion[k].sum()
        measures = found.per_class[k]
        assert measures.documents == of_class
        if not answered and not of_class:
            assert measures == ClassMeasures(None, None, None, 0)
            continue
        assert measures.precision is not None and measures.recall is not None
        assert measures.precision == pytest.approx(hits / answered if answered else 0)
        assert measures.recall == pytest.approx(hits / of_class if of_class else 0)
        sum_of_both = measures.precision + measures.recall
        f1 = 2 * measures.precision * measures.recall / sum_of_both if sum_of_both else 0
        assert measures.f1 == pytest.approx(f1)
    assert found.accuracy == pytest.approx(found.confusion.trace() / documents)
    f1_of_classes = [measures.f1 for measures in found.per_class if measures.f1 is not None]
    assert found.macro_f1 == pytest.approx(sum(f1_of_classes) / len(f1_of_classes))
    smallest = float(np.finfo(np.float64).eps)
    right_shares = [max(row[t], smallest) for row, t in zip(shares, truth, strict=True)]
    # scikit-learn clips from above too and divides again: 1 - 2e-16 instead of 1
    assert found.log_loss == pytest.approx(
        -math.fsum(map(math.log, right_shares)) / documents, abs=1e-12
    )
    squares = [
        (x - (k == t)) ** 2 for row, t in zip(shares, truth, strict=True) for k, x in enumerate(row)
    ]
    assert found.brier == pytest.approx(math.fsum(squares) / documents / 2, abs=1e-12)


@no_deadline
@given(answers())
def test_roc_auc_counts_pairs(given_answers: Answers) -> None:
    labels, outputs = given_answers
    found = evaluate(labels, outputs).roc_auc
    classes = outputs.shape[1]
    if len(set(labels.tolist())) < classes:
        assert found is None
        return
    shares = distribution(outputs)
    by_class = [
        better_pairs(shares[:, k].tolist(), (labels == k).tolist())
        for k in (range(classes) if classes > 2 else [1])
    ]
    assert found == pytest.approx(sum(by_class) / len(by_class))


@no_deadline
@given(answers())
def test_calibration_bins_share_out_the_documents(given_answers: Answers) -> None:
    labels, outputs = given_answers
    found = evaluate(labels, outputs)
    shares = distribution(outputs)
    predicted = outputs.argmax(axis=1)
    confidence = shares[np.arange(len(labels)), predicted]
    assert sum(part.documents for part in found.reliability) == len(labels)
    error = 0.0
    for part in found.reliability:
        assert part.high - part.low == pytest.approx(0.05)
        inside = (confidence > part.low) & (confidence <= part.high)
        if part.high == 1.0:  # what rounding lifts above 1 belongs to the last bin
            inside |= confidence > 1
        assert part.documents == inside.sum() > 0
        assert part.confidence == pytest.approx(confidence[inside].mean())
        assert part.accuracy == pytest.approx((predicted == labels)[inside].mean())
        error += abs(confidence[inside].sum() - (predicted == labels)[inside].sum())
    assert found.expected_calibration_error == pytest.approx(error / len(labels), abs=1e-12)
    assert [part.low for part in found.reliability] == sorted(p.low for p in found.reliability)


@no_deadline
@given(answers())
def test_the_fast_macro_f1_of_training_is_the_same(given_answers: Answers) -> None:
    from sklearn.metrics import f1_score

    labels, outputs = given_answers
    classes = outputs.shape[1]
    predicted = outputs.argmax(axis=1)
    fast = macro_f1(labels, predicted, classes)
    assert evaluate(labels, outputs).macro_f1 == fast
    theirs = f1_score(labels, predicted, average="macro", zero_division=0)
    assert fast == pytest.approx(theirs)


def test_many_random_documents_agree_with_scikit_learn() -> None:
    from sklearn import metrics as theirs

    rng = np.random.default_rng(8)
    for classes in (2, 3, 7):
        labels = rng.integers(0, classes, 400)
        outputs = rng.uniform(0, 1, (400, classes)) ** 2
        outputs[np.arange(400), labels] = np.sqrt(outputs[np.arange(400), labels])
        found = evaluate(labels, outputs)
        shares = outputs / outputs.sum(axis=1, keepdims=True)
        assert found.accuracy == theirs.accuracy_score(labels, outputs.argmax(axis=1))
        assert found.log_loss == pytest.approx(theirs.log_loss(labels, shares))
        auc = (
            theirs.roc_auc_score(labels, shares[:, 1])
            if classes == 2
            else theirs.roc_auc_score(labels, shares, multi_class="ovr")
        )
        assert found.roc_auc == pytest.approx(auc)
        assert 0.6 < auc < 1
        if classes == 2:
            assert found.brier == pytest.approx(theirs.brier_score_loss(labels, shares[:, 1]))


def test_calibrated_answers_have_little_error_and_boasting_ones_much() -> None:
    rng = np.random.default_rng(3)
    chance = rng.uniform(0, 1, 20_000)
    labels = (rng.uniform(0, 1, 20_000) < chance).astype(np.int32)
    honest = evaluate(labels, np.stack([1 - chance, chance], axis=1))
    boasting = evaluate(labels, np.stack([chance < 0.5, chance >= 0.5], axis=1).astype(float))
    assert honest.expected_calibration_error < 0.02
    assert boasting.expected_calibration_error == pytest.approx(0.25, abs=0.02)
    assert boasting.accuracy == honest.accuracy


def test_one_class_only_and_a_class_without_documents() -> None:
    found = evaluate([1, 1], [[0.2, 0.6, 0.2], [0.5, 0.25, 0.25]])
    assert found.roc_auc is None
    assert [measures.documents for measures in found.per_class] == [0, 2, 0]
    assert found.per_class[1] == ClassMeasures(1.0, 0.5, pytest.approx(2 / 3), 2)
    assert found.log_loss == pytest.approx(-(math.log(0.6) + math.log(0.25)) / 2)


def test_a_document_without_any_output_says_nothing() -> None:
    found = evaluate([3], np.zeros((1, 4), np.float32))
    assert found.log_loss == pytest.approx(math.log(4))
    assert found.reliability[0].confidence == 0.25


def test_order_of_documents_does_not_matter_and_classes_may_be_renamed() -> None:
    rng = np.random.default_rng(0)
    labels, outputs = rng.integers(0, 3, 50), rng.uniform(0, 1, (50, 3))
    order, names = rng.permutation(50), np.array([2, 0, 1])
    one = evaluate(labels, outputs)
    other = evaluate(np.argsort(names)[labels[order]], outputs[order][:, names])
    for name in ("accuracy", "macro_f1", "roc_auc", "log_loss", "brier"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))
    assert other.confusion.tolist() == one.confusion[names][:, names].tolist()


def test_json_holds_everything() -> None:
    found = evaluate([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    read = json.loads(json.dumps(found.to_json()))
    assert set(read) == set(Evaluation.__dataclass_fields__)
    assert read["confusion"] == [[1, 0], [1, 1]]
    assert read["per_class"][1] == {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "documents": 2}
    assert read["reliability"][0]["documents"] == 1


@pytest.mark.parametrize(
    ("labels", "outputs", "error", "message"),
    [
        ([0], [[0.5, math.nan]], DataError, r"probabilities \[0.5, nan\] of document 0"),
        ([0, 1], [[0.5, 0.5], [1.5, 0]], DataError, "document 1: expected numbers from 0 to 1"),
        ([0], [[-0.1, 0.5]], DataError, "document 0"),
        ([0], [[math.inf, 0.5]], DataError, "document 0"),
        ([], np.zeros((0, 2)), DataError, "no documents"),
        ([0, 2], [[1, 0], [1, 0]], DataError, "label 2 of document 1: expected 0 to 1"),
        ([-1], [[1, 0]], DataError, "label -1"),
        ([0.5], [[1, 0]], DataError, "float64: expected class numbers"),
        ([0], [[1.0]], ShapeError, "1 classes: expected at least 2"),
        ([0, 1], [[1, 0]], ShapeError, r"\(2,\) and probabilities of shape \(1, 2\)"),
        ([0, 1], [0.5, 0.5], ShapeError, "expected"),
        ([[0, 1]], [[0.5, 0.5]], ShapeError, "expected"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    labels: list[int], outputs: list[list[float]], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        evaluate(np.asarray(labels, None if labels else np.int32), outputs)
    assert len(str(caught.value).splitlines()) == 1


def test_training_does_not_import_scikit_learn() -> None:
    script = "import sys, hoiquy.workflows.train; print('sklearn' in sys.modules)"
    fresh = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert fresh.stdout.strip() == "False", fresh.stderr
