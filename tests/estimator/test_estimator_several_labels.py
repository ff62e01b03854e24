"""RecurrentClassifier on texts with several labels each, as scikit-learn's classifiers are used."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import MultiLabelBinarizer

from example_run import error_line
from hoiquy import RecurrentClassifier
from hoiquy.errors import DataError, RecipeError
from hoiquy.estimator.labels import read_target
from hoiquy.prediction.load import load_predictor
from miniatures import with_output
from several_labels import LABELS, documents, recipe

TEXTS, MATRIX = documents(260)
LISTS = [[name for name, has in zip(LABELS, row, strict=True) if has] for row in MATRIX]


def classifier(**params: Any) -> RecurrentClassifier:
    return RecurrentClassifier(recipe(), validation_fraction=0.1, **params)


def binarized() -> Any:
    """What scikit-learn's own binarizer makes of the lists."""
    return MultiLabelBinarizer().fit_transform(LISTS)


@pytest.fixture(scope="module")
def of_matrix() -> RecurrentClassifier:
    return classifier().fit(TEXTS, binarized())


def test_a_matrix_gives_a_matrix(of_matrix: RecurrentClassifier) -> None:
    texts, truth = documents(80, seed=5)
    predicted = of_matrix.predict(texts)
    assert predicted.shape == (80, 3) and predicted.dtype == np.int64
    assert f1_score(truth, predicted, average="micro") > 0.95
    probabilities = of_matrix.predict_proba(texts)
    assert probabilities.shape == (80, 3)
    assert (predicted == (probabilities > 0.5)).all()
    assert abs(probabilities.sum(axis=1) - 1).max() > 0.2  # they answer for themselves
    assert of_matrix.classes_.tolist() == [0, 1, 2]
    assert of_matrix.score(texts, truth) == accuracy_score(truth, predicted)


def test_cross_validation_with_micro_f1() -> None:
    scores = cross_val_score(classifier(), TEXTS, binarized(), cv=2, scoring="f1_micro")
    assert scores.shape == (2,) and scores.min() > 0.6


def test_lists_give_lists(of_matrix: RecurrentClassifier, tmp_path: Path) -> None:
    lists = classifier().fit(TEXTS, LISTS)
    assert lists.classes_.tolist() == sorted(LABELS)
    texts, truth = documents(80, seed=5)
    names = [tuple(np.array(LABELS)[row == 1]) for row in truth]
    predicted = lists.predict(texts)
    assert predicted == [tuple(np.array(LABELS)[row == 1]) for row in of_matrix.predict(texts)]
    assert () in predicted
    right = [one == other for one, other in zip(predicted, names, strict=True)]
    assert lists.score(texts, names) == pytest.approx(np.mean(right))
    lists.save(tmp_path / "run")
    for again in (RecurrentClassifier.load(tmp_path / "run"), pickle.loads(pickle.dumps(lists))):
        assert again.predict(texts) == predicted
    assert load_predictor(tmp_path / "run").multilabel


@pytest.mark.parametrize("kind", ["lists", "sparse", "frame", "bool", "float"])
def test_matrices_of_every_kind_are_one(kind: str) -> None:
    y: Any = {
        "lists": MATRIX.tolist(),
        "sparse": csr_matrix(MATRIX),
        "frame": pd.DataFrame(MATRIX, columns=list(LABELS)),
        "bool": MATRIX.astype(bool),
        "float": MATRIX.astype(float),
    }[kind]
    target = read_target(y, len(TEXTS))
    assert target.labels.tolist() == MATRIX.tolist() and not target.as_lists
    assert target.classes.tolist() == (list(LABELS) if kind == "frame" else [0, 1, 2])


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, np.array])
def test_lists_of_every_kind_are_one(kind: Any) -> None:
    y = [kind(row) for row in LISTS]
    target = read_target(y, len(TEXTS))
    assert target.labels.tolist() == MATRIX.tolist() and target.as_lists
    series = read_target(pd.Series(y), len(TEXTS))
    assert series.labels.tolist() == MATRIX.tolist()


def test_numbers_may_be_labels() -> None:
    target = read_target([[3, 1], [1], [], [2, 3]], 4)
    assert target.classes.tolist() == [1, 2, 3]
    assert target.labels.tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 0], [0, 1, 1]]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_lists_of_one_are_one_label() -> None:
    target = read_target([["a"], ["b"], ["a"]], 3)
    assert target.labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.array([[0, 1], [2, 0]]), "holds 2 (int), expected 0 and 1"),
        (np.array([[0.0, 1], [np.nan, 0]]), "nan"),
        (pd.DataFrame({"a": [1, None], "b": [0, 1]}), "nan"),
        ([["a", None], ["b"]], "expected a label"),
        ([["a", "b"], ["b"], []], "3 documents for 2 texts"),
        ([[], []], "expected two or more"),
    ],
)
def test_what_is_no_set_of_labels_is_one_line(y: Any, says: str) -> None:
    assert says in error_line(lambda: read_target(y, 2), DataError)


def test_partial_fit_goes_on_with_the_same_labels() -> None:
    learner = RecurrentClassifier(recipe("training.learning_rate=0.05"))
    for _ in range(6):
        learner.partial_fit(TEXTS, LISTS, classes=LABELS)
    assert learner.score(TEXTS, LISTS) > 0.8
    frame = pd.DataFrame(MATRIX[:, ::-1], columns=list(LABELS)[::-1])  # columns by their names
    learner.partial_fit(TEXTS, frame)
    assert (learner.predict(TEXTS) == MATRIX).mean() > 0.9
    for y, says in (
        (MATRIX[:, 0], "one label a text"),
        (MATRIX[:, :2], "2 columns, expected 3"),
        ([["fruit", "sea"]] * len(TEXTS), "'sea'"),
    ):
        assert says in error_line(lambda y=y: learner.partial_fit(TEXTS, y), DataError)


def test_columns_of_a_matrix_come_in_the_order_of_the_classes() -> None:
    """Sorted, as scikit-learn's binarizer has them; another order would swap labels in silence."""
    learner = RecurrentClassifier(recipe())
    line = error_line(
        lambda: learner.partial_fit(TEXTS, MATRIX, classes=["river", "metal", "fruit"]), DataError
    )
    assert "['fruit', 'metal', 'river']" in line
    learner.partial_fit(TEXTS, MATRIX, classes=list(LABELS))
    assert learner.classes_.tolist() == list(LABELS)


def test_a_classifier_of_one_label_takes_no_matrix() -> None:
    learner = classifier(epochs=1).fit(TEXTS, MATRIX[:, 0])
    line = error_line(lambda: learner.partial_fit(TEXTS, MATRIX[:, :2]), DataError)
    assert "several labels a text" in line


def test_recipes_take_sigmoids() -> None:
    fast = RecurrentClassifier("fast", epochs=1, num_words=60).fit(TEXTS, MATRIX)
    assert fast.predictor_.recipe.model.output == "sigmoid"
    softmax = RecurrentClassifier(with_output(recipe(), "softmax"))
    assert "softmax" in error_line(lambda: softmax.fit(TEXTS, MATRIX), RecipeError)
