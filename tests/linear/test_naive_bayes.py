"""Naive Bayes as linear weights gives scikit-learn's probabilities, and sums of weights add up."""

from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import weighted_sum
from hoiquy.linear.naive_bayes import ClassSums, Kind
from hoiquy.nn.losses.output import log_softmax
from hoiquy.text import Tokenizer

_TEXTS = [
    "a good film", "good and moving", "what a good story", "a bad film", "bad and dull",
    "what a bad story", "a film about trees", "trees and a story", "moving trees",
]  # fmt: skip
_LABELS = np.repeat([0, 1, 2], [4, 3, 2])
_FEATURES = Features.fit(NgramSettings(2, (2, 4)), Tokenizer(), _TEXTS)
_ROWS = _FEATURES.transform(_TEXTS)
_SUMS = ClassSums.of(_ROWS, _LABELS, 3)
_CHARACTERS = _FEATURES.columns["characters"]


@pytest.mark.parametrize(
    ("kind", "machine"),
    [("multinomial", MultinomialNB(alpha=0.01)), ("complement", ComplementNB(alpha=0.1))],
)
def test_probabilities_are_those_of_scikit_learn(kind: Kind, machine: Any) -> None:
    weights = _SUMS.weights(kind, _CHARACTERS)
    machine.fit(_ROWS[:, _CHARACTERS], _LABELS)
    expected = machine.predict_log_proba(_ROWS[:, _CHARACTERS])
    np.testing.assert_allclose(log_softmax(weights.margins(_ROWS)), expected, atol=1e-4)
    assert not weights.coefficients[_FEATURES.columns["words"]].any()


@pytest.mark.parametrize("kind", ["multinomial", "complement"])
def test_a_class_without_documents_is_improbable_and_finite(kind: Kind) -> None:
    sums = ClassSums.of(_ROWS, np.where(_LABELS == 2, 1, _LABELS), 3)
    weights = sums.weights(kind, _CHARACTERS)
    assert np.isfinite(weights.coefficients).all() and np.isfinite(weights.intercept).all()
    assert (weights.margins(_ROWS).argmax(axis=1) != 2).all()


def test_without_columns_all_margins_are_alike() -> None:
    weights = _SUMS.weights("complement", slice(0, 0))
    assert not weights.margins(_ROWS).any()


def test_margins_of_a_weighted_sum_are_the_sum_of_margins() -> None:
    parts = [
        fit_weights(_ROWS, _LABELS, 3, 1.0),
        _SUMS.weights("complement", _CHARACTERS),
    ]
    expected = 2.5 * parts[0].margins(_ROWS) + 0.5 * parts[1].margins(_ROWS)
    found = weighted_sum(parts, [2.5, 0.5]).margins(_ROWS)
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_sums_without_a_fold_are_those_of_the_others() -> None:
    fold, others = np.array([0, 4, 8]), np.array([1, 2, 3, 5, 6, 7])
    expected = ClassSums.of(_ROWS[others], _LABELS[others], 3)
    found = _SUMS.without(ClassSums.of(_ROWS[fold], _LABELS[fold], 3))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_array_equal(found.documents, expected.documents)
    assert (found.values >= 0).all()
