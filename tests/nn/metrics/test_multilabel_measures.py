"""Measures of several labels a document against scikit-learn, and against examples by hand."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    f1_score,
    hamming_loss,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from hoiquy.errors import DataError, ShapeError
from hoiquy.nn.metrics import (
    correct_predictions,
    evaluate_multilabel,
    macro_f1,
    micro_f1,
    multilabel_macro_f1,
    predicted_labels,
)

Answers = tuple[NDArray[np.uint8], NDArray[np.float32]]


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    """Labels and sigmoid outputs, 0.5 itself among them; labels that all documents or none have."""
    shape = draw(st.integers(1, 20)), draw(st.integers(1, 5))
    labels = draw(arrays.arrays(np.uint8, shape, elements=st.integers(0, 1)))
    output = st.one_of(st.integers(0, 8).map(lambda n: n / 8), st.floats(0, 1, width=32))
    return labels, draw(arrays.arrays(np.float32, shape, elements=output))


@given(answers())
@settings(deadline=None)
def test_every_measure_is_that_of_scikit_learn(drawn: Answers) -> None:
    labels, outputs = drawn
    found = evaluate_multilabel(labels, outputs)
    predicted = (outputs > 0.5).astype(int)
    options = {"zero_division": 0.0}
    assert found.documents == len(labels)
    # a matrix of one column would be read as one label of two
    if labels.shape[1] > 1:
        assert found.subset_accuracy == pytest.approx(accuracy_score(labels, predicted))
        assert found.hamming_loss == pytest.approx(hamming_loss(labels, predicted))
        for name, value in (("micro", found.micro_f1), ("macro", found.macro_f1)):
            assert value == pytest.approx(f1_score(labels, predicted, average=name, **options))
    assert found.log_loss == pytest.approx(
        log_loss(labels.ravel(), outputs.ravel().astype(float), labels=[0, 1])
    )
    assert found.brier == pytest.approx(
        brier_score_loss(labels.ravel(), outputs.ravel().astype(float), pos_label=1)
    )
    areas = []
    for number, of_label in enumerate(found.per_label):
        own, given_, scores = labels[:, number], predicted[:, number], outputs[:, number]
        assert of_label.precision == pytest.approx(precision_score(own, given_, **options))
        assert of_label.recall == pytest.approx(recall_score(own, given_, **options))
        assert of_label.f1 == pytest.approx(f1_score(own, given_, **options))
        assert (of_label.documents, of_label.predicted) == (own.sum(), given_.sum())
        if len(np.unique(own)) == 2:
            areas.append(roc_auc_score(own, scores))
            assert of_label.roc_auc == pytest.approx(areas[-1])
        else:
            assert of_label.roc_auc is None
    assert found.roc_auc == (pytest.approx(np.mean(areas)) if areas else None)
    json.dumps(found.to_json(), allow_nan=False)


def test_three_documents_by_hand() -> None:
    """Six decisions, one wrong; the second document has no label and gets none."""
    labels = np.array([[1, 0], [0, 0], [1, 1]], np.uint8)
    outputs = np.array([[0.9, 0.6], [0.1, 0.5], [0.8, 0.7]], np.float32)
    found = evaluate_multilabel(labels, outputs)
    assert found.subset_accuracy == 2 / 3
    assert found.hamming_loss == 1 / 6
    assert found.micro_f1 == 2 * 3 / (3 + 4)
    assert found.macro_f1 == pytest.approx((1 + 2 / 3) / 2)
    assert correct_predictions(labels, outputs).tolist() == [False, True, True]
    assert predicted_labels(outputs, multilabel=True).tolist() == [[1, 1], [0, 0], [1, 1]]


@given(answers())
def test_f1_of_a_label_is_that_of_its_class_among_two(drawn: Answers) -> None:
    labels, outputs = drawn
    predicted = predicted_labels(outputs, multilabel=True)
    each = [
        2 * ((own == 1) & (found == 1)).sum() / max(int(own.sum()) + int(found.sum()), 1)
        for own, found in zip(labels.T, predicted.T, strict=True)
    ]
    assert multilabel_macro_f1(labels, predicted) == pytest.approx(np.mean(each))
    assert 0 <= micro_f1(labels, predicted) <= 1


def test_of_one_label_the_most_probable_class_is_predicted() -> None:
    outputs = np.array([[0.2, 0.4, 0.4], [0.1, 0.2, 0.3]], np.float32)
    predicted = predicted_labels(outputs, multilabel=False)
    assert predicted.tolist() == [1, 2]
    assert correct_predictions(np.array([1, 1]), outputs).tolist() == [True, False]
    assert macro_f1(np.array([1, 1]), predicted, 3) == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize(
    ("labels", "outputs", "kind", "says"),
    [
        ([0, 1], [[0.1, 0.2], [0.3, 0.4]], ShapeError, "(documents, labels)"),
        ([[0, 1]], [[0.1, 0.2], [0.3, 0.4]], ShapeError, "both the same"),
        (np.zeros((1, 0)), np.zeros((1, 0)), ShapeError, "(documents, labels)"),
        (np.zeros((0, 2)), np.zeros((0, 2)), DataError, "no documents"),
        ([[0, 2]], [[0.1, 0.2]], DataError, "[0, 2] of document 0"),
        ([[0, 1]], [[0.1, np.nan]], DataError, "of document 0"),
        ([[0, 1]], [[0.1, 1.5]], DataError, "of document 0"),
    ],
)
def test_what_is_no_set_of_labels_is_refused(
    labels: object, outputs: object, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind) as caught:
        evaluate_multilabel(labels, outputs)  # type: ignore[arg-type]
    assert says in str(caught.value)
