"""RecurrentClassifier: what scikit-learn does with a classifier, and what hoiquy does."""

import json
import os
import pickle
import pickletools
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import hoiquy
from hoiquy import RecurrentClassifier
from hoiquy.errors import DataError, HoiquyError, RecipeError, RunError
from hoiquy.estimator import classifier
from hoiquy.events import StepFinished
from hoiquy.recipe.recipe import parse_recipe
from hoiquy.report.gathering import gather
from hoiquy.report.page.build import write_page
from hoiquy.workflows.verify import retrain
from miniatures import miniature, word_order_dataset
from own_tables import VIETNAMESE, rows
from small_reviews import SMALL

RECIPE = parse_recipe(SMALL, "small")
ORDERED = word_order_dataset(200, np.random.default_rng(0))
TEXTS = list(ORDERED.train.texts)
LABELS = np.array(["neg", "pos"])[ORDERED.train.labels]


def small(**changes: Any) -> RecurrentClassifier:
    return RecurrentClassifier(RECIPE, **{"random_state": 3, **changes})


@pytest.fixture(scope="module")
def fitted() -> RecurrentClassifier:
    return small().fit(TEXTS, LABELS)


def test_it_learns_what_no_bag_of_words_can() -> None:
    half = len(TEXTS) // 2
    network = small(epochs=12).fit(TEXTS[:half], LABELS[:half])
    bag = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS[:half], LABELS[:half])
    assert network.score(TEXTS[half:], LABELS[half:]) > 0.95
    assert bag.score(TEXTS[half:], LABELS[half:]) < 0.65


def test_three_vietnamese_classes() -> None:
    texts, labels = zip(*rows(60), strict=True)
    model = RecurrentClassifier(parse_recipe(VIETNAMESE, "vi"), epochs=10).fit(texts, labels)
    assert model.classes_.tolist() == sorted(set(labels))
    assert model.score(texts, labels) > 0.9


def test_it_trains_as_hoiquy_trains(fitted: RecurrentClassifier, tmp_path: Path) -> None:
    data = list(zip(TEXTS, LABELS.tolist(), strict=True))
    recipe = RECIPE.with_settings({"training.seed": 3})
    run = hoiquy.train({"train": data, "test": data}, recipe, tmp_path / "run")
    predictor = hoiquy.load_predictor(run)
    assert np.array_equal(predictor.predict_proba(TEXTS), fitted.predictor_.predict_proba(TEXTS))
    assert run.history == fitted.history_
    loaded = RecurrentClassifier.load(tmp_path / "run")
    assert np.array_equal(loaded.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_probabilities_add_up_and_lead_to_the_prediction(fitted: RecurrentClassifier) -> None:
    probabilities = fitted.predict_proba([*TEXTS, "", "never seen"])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    predicted = fitted.classes_[probabilities.argmax(axis=1)]
    assert predicted.tolist() == fitted.predict([*TEXTS, "", "never seen"]).tolist()


@pytest.mark.parametrize(
    "labels",
    [
        np.where(LABELS == "pos", 7, -1), (LABELS == "pos").tolist(), LABELS.tolist(),
        LABELS.astype(object), np.where(LABELS == "pos", 2.0, 1.0),
    ],
    ids=["int", "bool", "str", "object", "float"],
)  # fmt: skip
def test_labels_come_back_as_they_were(labels: Any, tmp_path: Path) -> None:
    model = small(epochs=1).fit(TEXTS, labels)
    model.save(tmp_path / "run")
    for other in (pickle.loads(pickle.dumps(model)), RecurrentClassifier.load(tmp_path / "run")):
        predicted = other.predict(TEXTS)
        assert set(predicted.tolist()) <= set(np.asarray(labels).tolist())
        assert predicted.dtype == model.predict(TEXTS).dtype == np.asarray(labels).dtype


def test_frames_and_arrays() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS, "label": LABELS})
    series = small(epochs=1).fit(frame["text"], frame["label"]).predict_proba(frame["text"])
    array = small(epochs=1).fit(np.array(TEXTS), LABELS).predict_proba(np.array(TEXTS, object))
    assert np.array_equal(series, array)
    with pytest.raises(DataError, match="choose one column"):
        small().fit(frame, LABELS)


@pytest.mark.parametrize(
    ("texts", "labels", "says"),
    [
        ("one text", ["a"], "X is of type str"),
        (5, ["a"], "X is of type int"),
        ([], [], "X is empty"),
        (["a", 5.0], ["a", "b"], "5.0 .float. at position 1, expected a string"),
        (["a", None], ["a", "b"], "None .NoneType. at position 1"),
        (["a", float("nan")], ["a", "b"], "nan .float. at position 1"),
        (np.ones((2, 3)), ["a", "b"], "shape .2, 3."),
        (["a", "b"], None, "requires y"),
        (["a", "b"], ["a"], "1 labels for 2 texts"),
        (["a", "b"], ["a", "a"], "one class, 'a'"),
        (["a", "b"], ["a", None], "position 1, expected a label"),
        (["a", "b"], [1.0, float("nan")], "position 1, expected a label"),
        (["a", "b"], np.array(["a", 1], object), "types int, str"),
        (["a", "b"], np.array([["a", "b"], ["b", "a"]]), "expected 0 and 1"),
        (["", " "], ["a", "b"], "no words"),
        (["a", "b"], [0.5, 0.7], "continuous"),
    ],
)
def test_invalid_texts_or_labels_are_a_value_error(texts: Any, labels: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        small().fit(texts, labels)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"epochs": 0}, "training.epochs"),
        ({"settings": {"training.epoch": 5}}, "did you mean 'epochs'"),
        ({"settings": {"trainin.epochs": 5}}, "did you mean 'training'"),
        ({"settings": "training.epochs=5"}, "expected a dictionary"),
        ({"recipe": "bai33"}, "unknown recipe"),
        ({"random_state": -1}, "training.seed"),
    ],
)
def test_a_wrong_parameter_is_told_when_fitting(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)) as error:
        RecurrentClassifier(**{"recipe": RECIPE, **changes}).fit(TEXTS, LABELS)
    assert isinstance(error.value, ValueError)


def test_unfitted() -> None:
    for ask in (small().predict, small().predict_proba):
        with pytest.raises(NotFittedError):
            ask(TEXTS)


def test_parameters_reach_the_recipe_and_a_clone() -> None:
    model = small(units=5, max_length=9, settings={"training.clip_norm": 1.0})
    model.set_params(training__clip_norm=np.float64(2), epochs=np.int64(1), text__num_words=20)
    copy = clone(model)
    assert copy.settings == {"training.clip_norm": 2.0, "text.num_words": 20}
    recipe = copy.fit(TEXTS, LABELS).predictor_.recipe
    assert recipe.model.layers[1].units == 5  # type: ignore[union-attr]
    assert (recipe.data.max_length, recipe.text.num_words) == (9, 20)
    assert (recipe.training.clip_norm, recipe.training.epochs) == (2.0, 1)
    assert recipe.training.seed == 3
    assert model.get_params()["units"] == 5


@pytest.mark.process
def test_pipelines_searches_and_cross_validation() -> None:
    pipeline = make_pipeline(FunctionTransformer(shout), small(epochs=2))
    name = "recurrentclassifier"
    grid = {f"{name}__learning_rate": [1e-6, 0.02], f"{name}__training__batch_size": [32, 64]}
    one = GridSearchCV(pipeline, grid, cv=2, n_jobs=1, error_score="raise").fit(TEXTS, LABELS)
    two = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise").fit(TEXTS, LABELS)
    for key in ("mean_test_score", "split0_test_score", "split1_test_score"):
        assert one.cv_results_[key].tolist() == two.cv_results_[key].tolist()
    assert np.array_equal(one.predict_proba(TEXTS), two.predict_proba(TEXTS))
    scores = [cross_val_score(small(epochs=1), TEXTS, LABELS, cv=3, n_jobs=n) for n in (1, 2)]
    assert scores[0].tolist() == scores[1].tolist()


def shout(texts: Any) -> list[str]:
    return [text.upper() for text in texts]


def test_the_same_seed_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for threads, seed in (("1", 3), ("2", 3), ("2", 4)):
        monkeypatch.setenv("HOIQUY_THREADS", threads)
        found.append(small(epochs=1, random_state=seed).fit(TEXTS, LABELS).predict_proba(TEXTS))
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


@pytest.mark.process
def test_a_pickle_holds_plain_data_and_works_elsewhere(
    fitted: RecurrentClassifier, tmp_path: Path
) -> None:
    model = clone(fitted).fit(TEXTS, LABELS.astype(object)).partial_fit(TEXTS[:40], LABELS[:40])
    content = pickle.dumps(model)
    named, strings = set(), [""]
    for code, value, _ in pickletools.genops(content):
        if "UNICODE" in code.name:
            strings.append(str(value))
        elif code.name == "STACK_GLOBAL":
            named.add(tuple(strings[-2:]))
    homes = {home for home, _ in named}
    assert homes == {"hoiquy.estimator.classifier"}
    joblib.dump(model, tmp_path / "model.joblib")
    script = (
        "import joblib, json, sys; model = joblib.load(sys.argv[1]); "
        "print(json.dumps(model.predict_proba(json.loads(sys.argv[2])).tolist()))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "model.joblib", json.dumps(TEXTS[:50])],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(elsewhere.stdout) == model.predict_proba(TEXTS[:50]).tolist()


def test_further_passes_go_on_after_a_pickle_and_a_folder(tmp_path: Path) -> None:
    model = small().partial_fit(TEXTS[:64], LABELS[:64], classes=["pos", "neg"])
    model.save(tmp_path / "run")
    copies = [pickle.loads(pickle.dumps(model)), RecurrentClassifier.load(tmp_path / "run")]
    model.partial_fit(TEXTS[64:], LABELS[64:])
    for copy in copies:
        copy.partial_fit(TEXTS[64:], LABELS[64:])
        assert np.array_equal(copy.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert (model.n_iter_, model.history_) == (2, [])


def test_passes_learn_and_keep_the_vocabulary() -> None:
    model = small(learning_rate=0.02).partial_fit(TEXTS, LABELS, classes=["neg", "pos"])
    words = model.predictor_.vocabulary.words
    for _ in range(9):
        model.partial_fit(TEXTS, LABELS)
    model.partial_fit(["ba do", "unheard of"], ["pos", "pos"])
    assert model.predictor_.vocabulary.words == words
    assert model.score(TEXTS, LABELS) > 0.95


def test_wrong_passes_change_nothing(fitted: RecurrentClassifier) -> None:
    before = fitted.predict_proba(TEXTS)
    for labels, classes, says in (
        (["new"], None, "not one of the classes"), (["pos"], ["pos", "new"], "not the same"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=says):
            fitted.partial_fit(["ba"], labels, classes)
    with pytest.raises(ValueError, match="classes must be passed"):
        small().partial_fit(["ba"], ["pos"])
    assert np.array_equal(fitted.predict_proba(TEXTS), before)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_ctrl_c_leaves_what_was_there(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = small(epochs=1).fit(TEXTS, LABELS)
    before = model.predict_proba(TEXTS)
    steps = []

    def press(event: object) -> None:
        steps.append(event)
        if sum(isinstance(step, StepFinished) for step in steps) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(classifier, "verbose_listener", lambda verbose: press)
    before_signal = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:  # a shell has a job in the background ignore Ctrl-C
        with pytest.raises(KeyboardInterrupt):
            getattr(model, method)(TEXTS, LABELS)
    finally:
        signal.signal(signal.SIGINT, before_signal)
    assert np.array_equal(model.predict_proba(TEXTS), before)


@pytest.mark.process
def test_a_saved_folder_is_a_run(fitted: RecurrentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "run")
    predicted = hoiquy.load_predictor(tmp_path / "run").predict_proba(TEXTS)
    assert np.array_equal(predicted, fitted.predictor_.predict_proba(TEXTS))
    with pytest.raises(RunError, match="not empty"):
        fitted.save(tmp_path / "run")
    for arguments in (["predict", "{}", "ba do"], ["verify", "{}"]):
        command = [part.format(tmp_path / "run") for part in arguments]
        subprocess.run([sys.executable, "-m", "hoiquy", *command], check=True, timeout=120)
    for refused in (hoiquy.resume, retrain):
        with pytest.raises(RunError, match="without its training"):
            refused(tmp_path / "run")
    page = write_page(gather([tmp_path / "run"]), tmp_path / "report.html", "en")
    assert "official" not in page.read_text(encoding="utf-8")
    (tmp_path / "run" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(HoiquyError, match="damaged"):
        RecurrentClassifier.load(tmp_path / "run")


def test_it_tells_of_epochs_only_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    small(epochs=2, verbose=1).fit(TEXTS, LABELS)
    assert [line[:8] for line in capsys.readouterr().out.splitlines()] == ["epoch 1:", "epoch 2:"]
    small(epochs=1).fit(TEXTS, LABELS)
    assert capsys.readouterr() == ("", "")


def test_a_recipe_that_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(RECIPE.to_toml())
    model = RecurrentClassifier(path)
    assert pickle.loads(pickle.dumps(model)).recipe == path
    assert model.fit(TEXTS, LABELS).predictor_.recipe == RECIPE


def test_miniatures_of_every_exercise_fit() -> None:
    for name in ("bai1", "bai4"):
        model = RecurrentClassifier(miniature(name), epochs=1).fit(TEXTS, LABELS)
        assert model.predict_proba(TEXTS[:3]).shape == (3, 2)


@pytest.mark.parametrize("page", ["estimator.md"])
def test_the_examples_of_the_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", content, re.DOTALL)
    assert len(blocks) > 3
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    assert names["accuracy"] == 1.0


def test_the_default_is_fitted_to_the_texts() -> None:
    model = RecurrentClassifier(epochs=2, units=4).fit(TEXTS, LABELS)
    recipe = model.predictor_.recipe
    assert recipe.name == "auto"
    assert recipe.data.max_length < 400 and recipe.training.epochs == 2
    passing = RecurrentClassifier(units=4).partial_fit(TEXTS, LABELS, sorted(set(LABELS)))
    assert passing.predictor_.recipe.data == recipe.data
