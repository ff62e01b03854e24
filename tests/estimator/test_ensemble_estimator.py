"""RecurrentClassifier(minutes=…): an ensemble within the time, as a scikit-learn classifier."""

import os
import pickle
import pickletools
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import hoiquy
from hoiquy import RecurrentClassifier
from hoiquy.errors import InputError, RecipeError, RunError
from hoiquy.estimator import classifier
from hoiquy.events import EnsembleStep, Event, StepFinished
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.workflows.ensemble import members
from hoiquy.workflows.ensemble.plan import load_plan
from miniatures import word_order_dataset
from several_labels import documents

ORDERED = word_order_dataset(100, np.random.default_rng(0))
TEXTS = list(ORDERED.train.texts)
LABELS = np.where(np.array(ORDERED.train.labels) == 1, 7, -1)
# One small network, trained to the end in a second.
SMALL = {"model.layers.0.units": 4, "training.epochs": 2, "training.batch_size": 32}
NO_TIME = 1e-4  # minutes: the linear classifier alone


def small(**changes: Any) -> RecurrentClassifier:
    return RecurrentClassifier(**{"minutes": NO_TIME, "settings": SMALL, **changes})


@pytest.fixture(scope="module")
def fitted() -> Iterator[RecurrentClassifier]:
    """With a network, although it gains nothing on so few texts; it ends long before the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "_NO_GAIN", -1e9)
        patch.setattr(members, "_NO_WEIGHT", -1.0)
        settings = {**SMALL, "training.epochs": 12, "training.learning_rate": 0.02}
        yield small(minutes=10, settings=settings, random_state=5, units=8).fit(TEXTS, LABELS)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, as everything is to be removed from it."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_it_trains_an_ensemble(fitted: RecurrentClassifier) -> None:
    predictor = fitted.predictor_
    assert isinstance(predictor, EnsemblePredictor)
    assert "network" in {member.kind for member in predictor.ensemble.members}
    assert fitted.classes_.tolist() == [-1, 7]
    assert predictor.classes == ("-1", "7")
    assert (fitted.history_, fitted.n_iter_) == ([], 0)
    probabilities = fitted.predict_proba([*TEXTS, ""])
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    predicted = fitted.predict([*TEXTS, ""])
    assert predicted.tolist() == fitted.classes_[probabilities.argmax(axis=1)].tolist()
    assert fitted.score(TEXTS, LABELS) == (predicted[:-1] == LABELS).mean()
    assert fitted.score(TEXTS, LABELS) > 0.8
    assert re.fullmatch(r"<EnsemblePredictor of 'auto', 2 classes: .*\d × \w+>", repr(predictor))


def test_parameters_reach_the_networks(fitted: RecurrentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "run")
    candidates = load_plan(tmp_path / "run").candidates()
    seeds = {candidate.recipe.training.seed for candidate in candidates}
    assert seeds == {5}
    assert {recurrent_units(candidate.recipe) for candidate in candidates} == {8}


def recurrent_units(recipe: hoiquy.Recipe) -> int:
    return next(layer.units for layer in recipe.model.layers if layer.type in ("gru", "lstm"))  # type: ignore[union-attr]


def test_a_saved_ensemble_is_a_run(fitted: RecurrentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "run")
    expected = fitted.predict_proba(TEXTS)
    run = hoiquy.load_run(tmp_path / "run")
    assert np.array_equal(run.predict_proba(TEXTS), fitted.predictor_.predict_proba(TEXTS))
    assert (run.result.status, run.result.test_accuracy) == ("untested", None)
    assert hoiquy.verify(tmp_path / "run").problems == []
    assert not list((tmp_path / "run").rglob("held_out*"))
    again = RecurrentClassifier.load(tmp_path / "run")
    assert np.array_equal(again.predict_proba(TEXTS), expected)
    assert again.predict(TEXTS).dtype == fitted.predict(TEXTS).dtype
    assert (again.recipe, again.metric, again.random_state) == ("auto", "accuracy", 5)
    assert again.minutes == pytest.approx(10)
    again.save(tmp_path / "again")
    assert np.array_equal(
        RecurrentClassifier.load(tmp_path / "again").predict_proba(TEXTS), expected
    )
    with pytest.raises(RunError, match="without its training"):
        hoiquy.resume(tmp_path / "run")
    with pytest.raises(RunError, match="not empty"):
        fitted.save(tmp_path / "run")
    weights = next((tmp_path / "run" / "members" / "words-1").glob("*.safetensors"))
    weights.write_bytes(b"")
    with pytest.raises(RunError, match="damaged"):
        RecurrentClassifier.load(tmp_path / "run")


def test_any_run_of_an_ensemble_loads(tmp_path: Path) -> None:
    rows = list(zip(TEXTS, map(str, LABELS), strict=True))
    data = {"train": rows, "test": rows[:20]}
    run = hoiquy.train(data, "auto", tmp_path / "run", minutes=NO_TIME, metric="macro_f1")
    model = RecurrentClassifier.load(tmp_path / "run")
    assert np.array_equal(model.predictor_.predict_proba(TEXTS), run.predict_proba(TEXTS))
    assert (model.minutes, model.metric) == (pytest.approx(NO_TIME), "macro_f1")
    model.save(tmp_path / "copy")
    copied = hoiquy.load_run(tmp_path / "copy")
    assert (copied.result.status, copied.result.test_documents) == ("untested", 0)
    assert hoiquy.verify(tmp_path / "copy").problems == []
    names = {path.name for path in (tmp_path / "copy").iterdir()}
    assert not {"misclassified.json", "predictions.parquet"} & names  # they are of the test texts


def test_a_pickle_holds_plain_data(fitted: RecurrentClassifier, temporary: Path) -> None:
    content = pickle.dumps(fitted)
    named = [value for code, value, _ in pickletools.genops(content) if "GLOBAL" in code.name]
    strings = [value for code, value, _ in pickletools.genops(content) if "UNICODE" in code.name]
    assert named == [None]  # one class, on the stack
    assert strings[:2] == ["hoiquy.estimator.classifier", "RecurrentClassifier"]
    copy = pickle.loads(content)
    assert np.array_equal(copy.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert copy.get_params() == fitted.get_params()
    assert list(temporary.iterdir()) == []
    unfitted = clone(fitted)
    assert unfitted.get_params() == fitted.get_params()
    assert not unfitted.__sklearn_is_fitted__()


def test_a_changed_pickle_cannot_write_elsewhere(fitted: RecurrentClassifier) -> None:
    state = fitted.__getstate__()
    for name in ("../x", "members/../x", "/tmp/x", "members/a/b/x", "members\\x"):
        changed = {**state, "files": {**state["files"], name: b""}}
        with pytest.raises(RunError, match="is no file of an ensemble"):
            RecurrentClassifier().__setstate__(changed)
    files = {**state["files"], "ensemble.json": b"{}"}
    with pytest.raises(RunError, match=r"^the saved classifier/ensemble.json is damaged"):
        RecurrentClassifier().__setstate__({**state, "files": files})


def test_a_search_over_minutes_and_metrics() -> None:
    grid = {"minutes": [None, NO_TIME], "epochs": [1]}
    search = GridSearchCV(small(), grid, cv=2, error_score="raise").fit(TEXTS, LABELS)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(TEXTS[:3]).shape == (3,)
    other = small(metric="log_loss", minutes=np.float64(NO_TIME)).fit(TEXTS, LABELS)
    predictor = other.predictor_
    assert isinstance(predictor, EnsemblePredictor)
    assert (predictor.ensemble.metric, predictor.ensemble.offsets) == ("log_loss", [0, 0])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"recipe": "fast"}, "minutes needs the recipe 'auto', .* recipe is 'fast': leave out one"),
        ({"minutes": 0}, "minutes is 0, expected a number above 0"),
        ({"minutes": "5"}, "minutes is '5', expected a number above 0"),
        ({"minutes": float("nan")}, "minutes is nan, expected a number above 0"),
        ({"minutes": True}, "minutes is True, expected a number above 0"),
        ({"metric": "f1"}, "metric is 'f1', expected one of accuracy, macro_f1, log_loss"),
        ({"metric": "macro_f1", "minutes": None}, "needs an ensemble: pass minutes as well"),
        ({"epochs": 0}, "training.epochs"),
    ],
)
def test_a_wrong_parameter_is_a_value_error(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        small(**changes).fit(TEXTS, LABELS)


def test_several_labels_have_an_ensemble_too(tmp_path: Path) -> None:
    texts, labels = documents(60)
    model = small().fit(texts, labels)
    assert isinstance(model.predictor_, EnsemblePredictor) and model.predictor_.multilabel
    predicted, probabilities = model.predict(texts), model.predict_proba(texts)
    assert np.array_equal(predicted, probabilities > 0.5)
    assert model.score(texts, labels) == (predicted == labels).all(axis=1).mean() > 0.9
    as_lists = [[name for name, has in zip("abc", row, strict=True) if has] for row in labels]
    other = small().fit(texts, as_lists)
    names = [tuple(name for name, has in zip("abc", row, strict=True) if has) for row in predicted]
    assert other.predict(texts) == names
    again = pickle.loads(pickle.dumps(other))
    assert again.predict(texts) == names
    other.save(tmp_path / "run")
    assert RecurrentClassifier.load(tmp_path / "run").predict(texts) == names


def test_further_passes_are_refused() -> None:
    with pytest.raises(InputError, match=r"partial_fit trains a single network, .* leave out"):
        small().partial_fit(TEXTS, LABELS, [-1, 7])
    model = small().fit(TEXTS, LABELS)
    with pytest.raises(InputError, match="an ensemble cannot be trained further: call fit"):
        model.set_params(minutes=None).partial_fit(TEXTS, LABELS)


@pytest.mark.parametrize("kind", [EnsembleStep, StepFinished])
def test_ctrl_c_leaves_what_was_there(
    kind: type, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small().fit(TEXTS, LABELS)
    before = model.predict_proba(TEXTS)
    seen: list[bool] = []

    def press(event: Event) -> None:
        if isinstance(event, kind):
            seen.append(len(list(temporary.glob("*/members"))) == 1)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(classifier, "verbose_listener", lambda verbose: press)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(minutes=10).fit(TEXTS, LABELS)
    assert seen == [True]
    assert list(temporary.iterdir()) == []
    assert np.array_equal(model.predict_proba(TEXTS), before)


def test_an_error_leaves_no_folder(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: Event) -> None:
        if isinstance(event, EnsembleStep):
            raise MemoryError

    monkeypatch.setattr(classifier, "verbose_listener", lambda verbose: fail)
    model = small()
    with pytest.raises(MemoryError):
        model.fit(TEXTS, LABELS)
    assert list(temporary.iterdir()) == []
    assert not model.__sklearn_is_fitted__()


def test_very_few_texts() -> None:
    model = small(minutes=0.05).fit(["good film", "bad film"], ["yes", "no"])
    assert model.predict_proba(["good"]).shape == (1, 2)
    three = small(minutes=0.05).fit(["a", "b", "c", "d a", "e"], list("xxxyz"))
    assert three.classes_.tolist() == ["x", "y", "z"]
    assert np.isfinite(three.predict_proba(["a", "f"])).all()


def test_it_prints_a_line_per_model(capsys: pytest.CaptureFixture[str]) -> None:
    small(verbose=1).fit(TEXTS, LABELS)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("linear: validation accuracy ")
