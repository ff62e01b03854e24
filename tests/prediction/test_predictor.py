"""Predictor.predict and predict_proba: types, agreement, and refused inputs."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hoiquy
import several_labels
from hoiquy.errors import DataError
from hoiquy.prediction.predictor import Predictor
from miniatures import WORDS, miniature, random_dataset

TEXTS = [" ".join(WORDS[:3]), "", WORDS[4], "unheard"]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    recipe = miniature("bai3", "training.epochs=1")
    folder = tmp_path_factory.mktemp("one") / "run"
    return hoiquy.load_predictor(hoiquy.train(random_dataset(), recipe, folder))


def test_predict_names_the_most_probable_class(predictor: Predictor) -> None:
    probabilities = predictor.predict_proba(TEXTS)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(TEXTS), len(predictor.classes))
    expected = [predictor.classes[at] for at in probabilities.argmax(axis=1)]
    assert predictor.predict(TEXTS) == expected
    assert predictor.predict(np.array(TEXTS)) == expected  # type: ignore[arg-type]
    assert predictor.predict([]) == []


def test_predict_gives_every_label_above_one_half(tmp_path: Path) -> None:
    recipe = several_labels.recipe("training.epochs=3")
    run = hoiquy.train(several_labels.dataset(), recipe, tmp_path / "run")
    predictor = hoiquy.load_predictor(run.folder)
    texts = several_labels.documents(30, seed=4)[0]
    expected = [
        tuple(name for name, p in zip(predictor.classes, row, strict=True) if p > 0.5)
        for row in predictor.predict_proba(texts)
    ]
    assert predictor.predict(texts) == expected
    assert len({len(row) for row in expected}) > 1


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ("one text", "single string"),
        (b"one text", "single string"),
        (["a", None], "None .NoneType. at position 1"),
        ([3], "3 .int. at position 0"),
    ],
)
def test_other_inputs_are_refused_in_one_line(predictor: Predictor, texts: Any, error: str) -> None:
    for method in (predictor.predict, predictor.predict_proba):
        with pytest.raises(DataError, match=error) as raised:
            method(texts)
        assert "\n" not in str(raised.value)


def test_a_predictor_can_be_copied(predictor: Predictor) -> None:
    expected = predictor.predict_proba(TEXTS)
    np.testing.assert_array_equal(deepcopy(predictor).predict_proba(TEXTS), expected)


def test_it_is_printed_in_one_line(predictor: Predictor) -> None:
    assert repr(predictor) == "<Predictor of 'bai3', 2 classes>"
