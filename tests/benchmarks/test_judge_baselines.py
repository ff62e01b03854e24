"""The judge's baselines: what a word is, and that each of them learns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.baseline_run import run_baseline
from judge.baseline_worker import BASELINES
from judge.linear import TfidfLogistic, TfidfSvc
from judge.nb_svm import NbSvm
from judge.outcome import Key
from judge.participants import FASTTEXT, FASTTEXT_PEER, baseline_participants
from judge.sets import read_set
from judge.words import choose_reading, has_no_spaces, in_words, tokens
from labelled_sets import TELLING, write_rows, write_set
from peers.libraries import environment_folder

CHINESE = ["房间很大,服务好", "iPhone 不错 的", "早餐一般"]
NAMES = ["Nguyễn", "Van Dyke", "O'Brien"]


@pytest.mark.parametrize(
    ("texts", "reading", "no_spaces", "words"),
    [
        (["It's good, no?", "bad film"], "words", False, ["it", "'", "s", "good", ",", "no", "?"]),
        (CHINESE, "letters", True, ["房", "间", "很", "大", ",", "服", "务", "好"]),
        (NAMES, "characters", True, ["n", "g", "u", "y", "ễ", "n"]),
        (["ห้อง ดี มาก", "ไม่ ดี"], "letters", False, None),
    ],
)
def test_what_a_word_is_follows_from_the_texts(
    texts: list[str], reading: str, no_spaces: bool, words: list[str] | None
) -> None:
    assert choose_reading(texts) == reading
    assert has_no_spaces(texts) == no_spaces
    if words:
        assert tokens(in_words(texts, choose_reading(texts))[0]) == words


def test_latin_words_in_chinese_texts_and_spaces_in_names_are_kept() -> None:
    assert tokens(in_words(CHINESE, "letters")[1]) == ["iphone", "不", "错", "的"]
    assert "".join(tokens(in_words(NAMES, "characters")[1])) == "van_dyke"


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("classes", [2, 3])
def test_baselines_learn(name: str, classes: int, tmp_path: Path) -> None:
    found = read_set(write_set(tmp_path / "set", train=150))
    kept, tested = (labels < classes for labels in (found.labels, found.test_labels))
    texts = [text for text, keep in zip(found.texts, kept, strict=True) if keep]
    test_texts = [text for text, keep in zip(found.test_texts, tested, strict=True) if keep]
    baseline = BASELINES[name]()
    baseline.fit(texts, found.labels[kept])
    predicted = baseline.predict(test_texts)
    assert (predicted == found.test_labels[tested]).mean() > 0.8
    if (outputs := baseline.probabilities(test_texts)) is not None:
        labels, probabilities = outputs
        assert (labels[probabilities.argmax(axis=1)] == predicted).all()
        assert probabilities.sum(axis=1) == pytest.approx(1)


def test_classes_keep_their_numbers() -> None:
    """A class that only the test has leaves a gap in the numbers."""
    texts, labels = ["aa bb", "cc dd"] * 20, np.array([1, 4] * 20)
    for make in BASELINES.values():
        baseline = make()
        baseline.fit(texts, labels)
        assert baseline.predict(["cc dd", "aa bb"]).tolist() == [4, 1]


@pytest.mark.parametrize(("classes", "is_one_against_rest"), [(18, False), (19, True)])
def test_many_classes_are_fitted_one_against_the_rest(
    classes: int, is_one_against_rest: bool
) -> None:
    baseline = TfidfLogistic()
    texts = [f"w{number}" for number in range(classes)] * 2
    baseline.fit(texts, np.array([*range(classes)] * 2))
    fitted = baseline._model.named_steps["regression"]
    assert hasattr(fitted, "estimators_") == is_one_against_rest


def make_svc() -> TfidfSvc:
    return TfidfSvc(with_words=True)


def make_logistic() -> TfidfLogistic:
    return TfidfLogistic((1.0, 3.0, 10.0))


@pytest.mark.parametrize(("make", "middle"), [(make_svc, 0.3), (NbSvm, 0.1), (make_logistic, 3.0)])
def test_too_few_texts_to_choose_by(make: Callable[[], Any], middle: float) -> None:
    baseline = make()
    baseline.fit(["good", "bad"], np.array([0, 1]))
    assert baseline.chosen == {"C": middle}


@pytest.mark.parametrize("classes", [3, 19])
def test_the_penalty_of_logistic_regression_is_chosen(classes: int) -> None:
    """So weak a regression predicts the largest class for all of them."""
    texts = [f"w{number} x{number % 7}" for number in range(classes)] * 6 + ["w0"] * 6
    labels = np.array([*range(classes)] * 6 + [0] * 6)
    baseline = TfidfLogistic((1e-4, 30.0, 100.0))
    baseline.fit(texts, labels)
    assert baseline.chosen == {"C": 30.0}
    assert (baseline.predict(texts) == labels).all()
    fixed = TfidfLogistic()
    fixed.fit(texts, labels)
    assert fixed.chosen == {}


def test_balanced_classes_find_the_rare_one() -> None:
    """A word that half of the rare texts share with a tenth of the others."""
    texts = ["odd b"] * 6 + ["b c"] * 4 + ["odd b"] * 12 + ["b c"] * 108
    labels = np.array([1] * 10 + [0] * 120)
    predicted = []
    for balanced in (False, True):
        baseline = TfidfLogistic((1.0, 10.0), balanced=balanced)
        baseline.fit(texts, labels)
        predicted.append(baseline.predict(["odd b"]).tolist())
    assert predicted == [[0], [1]]


def test_characters_find_what_words_do_not() -> None:
    texts, labels = [f"mango{number} ki{number}wi" for number in range(30)], [0] * 30
    texts += [f"hammer{number} to{number}ol" for number in range(30)]
    baseline = TfidfLogistic((10.0,), with_characters=True)
    baseline.fit(texts, np.array(labels + [1] * 30))
    assert baseline.predict(["mango77", "hammer77"]).tolist() == [0, 1]


def test_a_class_with_one_text_is_no_obstacle() -> None:
    baseline = make_svc()
    baseline.fit(["a b", "c d"] * 9 + ["e f"], np.array([0, 1] * 9 + [2]))
    assert baseline.predict(["e f"]).tolist() == [2]


def test_characters_alone_are_for_texts_without_spaces(tmp_path: Path) -> None:
    spaced = read_set(write_set(tmp_path / "spaced"))
    write_rows(tmp_path / "names" / "train.csv", [("Anna", "x"), ("Van Dyke", "y"), ("Bo", "y")])
    write_rows(tmp_path / "names" / "test.csv", [("Ann", "x")])
    names = read_set(tmp_path / "names")
    found, _ = baseline_participants(measured=False)
    (only,) = {one.name for one in found if one.takes_part(names) != one.takes_part(spaced)}
    assert only == "char-svc"


@pytest.mark.process
@pytest.mark.parametrize("name", ["tfidf-lr", "nb-svm", FASTTEXT])
def test_a_baseline_in_its_process(name: str, tmp_path: Path) -> None:
    if name == FASTTEXT and not (environment_folder(FASTTEXT_PEER) / ".complete").exists():
        pytest.skip("fastText's environment is not installed (make judge installs it)")
    found = read_set(write_set(tmp_path / "set", train=150))
    ready, _ = baseline_participants(measured=name == FASTTEXT)
    (participant,) = [one for one in ready if one.name == name]
    key = Key(found.name, found.digest, name, participant.code, 0, 0.0)
    outcome = run_baseline(key, participant, found)
    assert outcome.key == key
    assert (np.array(outcome.predicted) == found.test_labels).mean() > 0.8
    assert (outcome.log_loss is None) == (name == "nb-svm")
    if outcome.log_loss is not None:
        assert outcome.log_loss < np.log(len(TELLING))
    assert outcome.processor_seconds > 0
    assert outcome.model_bytes > 1000
    assert 20e6 < outcome.peak_bytes < 2e9
