"""Weights of a linear classifier are LinearSVC's, and classes without documents have extremes."""

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.fit import fit_weights
from hoiquy.text import Tokenizer

_TEXTS = [
    "a good film", "good and moving", "what a good story", "a bad film", "bad and dull",
    "what a bad story", "a film about trees", "trees and a story", "moving trees",
]  # fmt: skip
_LABELS = np.repeat([0, 1, 2], 3)
_FEATURES = Features.fit(NgramSettings(2, (2, 4)), Tokenizer(), _TEXTS)
_ROWS = _FEATURES.transform(_TEXTS)
_TOLERANCE = 2e-3  # of a margin: coefficients are numbers of float16


@pytest.mark.parametrize("penalty", [0.1, 1.0])
def test_margins_are_those_of_linear_svc(penalty: float) -> None:
    margins = fit_weights(_ROWS, _LABELS, 3, penalty).margins(_ROWS)
    machine = LinearSVC(C=penalty, tol=0.1, random_state=0).fit(_ROWS, _LABELS)
    np.testing.assert_allclose(margins, machine.decision_function(_ROWS), atol=_TOLERANCE)


def test_margins_of_two_classes_are_opposite() -> None:
    labels = (_LABELS == 1).astype(int)
    machine = LinearSVC(C=1.0, tol=0.1, random_state=0).fit(_ROWS, labels)
    margins = fit_weights(_ROWS, labels, 2, 1.0).margins(_ROWS)
    np.testing.assert_allclose(margins[:, 1], machine.decision_function(_ROWS), atol=_TOLERANCE)
    np.testing.assert_array_equal(margins[:, 0], -margins[:, 1])


def test_absent_classes_are_never_predicted() -> None:
    labels = np.array([0, 1, 4])[_LABELS]
    margins = fit_weights(_ROWS, labels, 6, 1.0).margins(_ROWS)
    present = fit_weights(_ROWS, _LABELS, 3, 1.0).margins(_ROWS)
    np.testing.assert_array_equal(margins[:, [0, 1, 4]], present)
    assert (margins[:, [2, 3, 5]] == -10).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_one_class_only_is_always_predicted(classes: int) -> None:
    margins = fit_weights(_ROWS, np.ones(9, int), classes, 1.0).margins(_ROWS)
    assert (margins.argmax(axis=1) == 1).all()
    assert (np.delete(margins, 1, axis=1) == -10).all()


def test_each_of_several_labels_is_a_problem_of_its_own() -> None:
    labels = np.zeros((9, 4), np.uint8)
    labels[:3, 0] = labels[2:6, 1] = labels[:, 2] = 1  # column 3: nobody has it
    margins = fit_weights(_ROWS, labels, 4, 1.0).margins(_ROWS)
    for number in (0, 1):
        machine = LinearSVC(C=1.0, tol=0.1, random_state=0).fit(_ROWS, labels[:, number])
        expected = machine.decision_function(_ROWS)
        np.testing.assert_allclose(margins[:, number], expected, atol=_TOLERANCE)
    assert (margins[:, 2] == 10).all()
    assert (margins[:, 3] == -10).all()


def test_two_labels_of_several_are_not_opposite() -> None:
    labels = np.zeros((9, 2), np.uint8)
    labels[:5, 0] = labels[4:, 1] = 1
    margins = fit_weights(_ROWS, labels, 2, 1.0).margins(_ROWS)
    assert margins[4].min() > 0


def test_documents_without_ngrams_can_be_trained_on() -> None:
    rows = Features.fit(NgramSettings(), Tokenizer(), ["", "", ""]).transform(["", "", ""])
    margins = fit_weights(rows, np.array([0, 1, 1]), 2, 1.0).margins(rows)
    np.testing.assert_allclose(margins, [[-1 / 3, 1 / 3]] * 3)
