"""A whole training of an ensemble: the same bits always, also of very little data."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from command_line import call_hoiquy, only_line_of_error
from hoiquy.data import load_dataset
from hoiquy.data.dataset import Documents
from hoiquy.errors import RunError
from hoiquy.events import EnsembleStep, Event
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.ensemble import load_ensemble
from hoiquy.runs.linear_files import load_linear
from hoiquy.workflows.ensemble.plan import PlannedModel, load_plan
from hoiquy.workflows.evaluate import evaluate
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import train
from hoiquy.workflows.verify import retrain, verify
from own_tables import rows, write_csv
from small_ensembles import TINY, ensemble_bits, small_ensemble


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("ensemble")
    return small_ensemble(place / "run", write_csv(place / "phim.csv", rows(20)))


def test_it_predicts_evaluates_and_verifies(run: Run) -> None:
    assert (run.result.status, run.result.metric, run.history) == ("complete", "accuracy", [])
    assert isinstance(run.predictor, EnsemblePredictor)
    assert run.result.test_accuracy is not None and run.result.test_accuracy > 0.9
    texts = [text for text, _ in rows(3, seed=5)]
    probabilities = run.predict_proba(texts)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    together = np.concatenate([run.predict_proba([text]) for text in texts])
    assert np.array_equal(probabilities, together)
    assert evaluate(run, rows(3, seed=5)).accuracy > 0.9
    found = verify(run.folder)
    assert found.problems == []
    assert "members/linear/linear.safetensors" in found.files


def test_it_is_retrained_to_the_bit(run: Run) -> None:
    assert retrain(run.folder) == []


def test_retraining_names_what_differs(run: Run, tmp_path: Path) -> None:
    settings = {"training.seed": 2}
    other = small_ensemble(tmp_path / "run", run.folder.parent / "phim.csv", settings=settings)
    assert other.result.seed == 2
    plan = load_plan(other.folder)
    recipe = plan.candidates()[0].recipe.with_settings({"training.seed": 3})
    replace(plan, networks={"words": recipe.to_toml()}).save(other.folder)
    assert retrain(other.folder) == []  # the recipes of the members count
    linear = replace(plan, words=1)
    linear.save(other.folder)
    assert "members/linear/linear.safetensors" in retrain(other.folder)


def test_one_thread_and_several_give_the_same_bits(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = run.folder.parent / "phim.csv"
    for threads in ("1", "2"):
        monkeypatch.setenv("HOIQUY_THREADS", threads)
        other = small_ensemble(tmp_path / threads, table)
        assert ensemble_bits(other.folder) == ensemble_bits(run.folder)


def test_each_model_is_reported_and_recorded(tmp_path: Path) -> None:
    events: list[Event] = []
    run = small_ensemble(tmp_path / "run", on_event=events.append)
    reports = [event for event in events if isinstance(event, EnsembleStep)]
    steps = [report.model for report in reports]
    assert steps[:2] == ["linear", "words-1"]
    assert reports[0].documents == run.result.train_documents
    assert reports[0].linear_accuracy is None
    # the first network has predicted one fold, where the linear classifier is measured as well
    assert 0 < reports[1].documents < run.result.train_documents
    assert reports[1].linear_accuracy is not None
    plan = load_plan(run.folder)
    assert plan.models[0] == PlannedModel("words", 0)
    assert set(steps) == {"linear", *(model.folder for model in plan.models)}
    assert plan.chosen is not None


def test_a_validation_table_is_the_only_fold(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "train.csv", rows(20))
    new = [(f"{text} unheard", label) for text, label in rows(5, seed=3)]
    held_out = write_csv(tmp_path / "held_out.csv", new)
    run = small_ensemble(tmp_path / "run", table, validation=held_out)
    assert run.result.validation_documents == 15
    ensemble = load_ensemble(run.folder, 3)
    assert ensemble.held_out.documents == 15
    assert all(len(member.models) == 1 for member in ensemble.members)
    linear = load_linear(run.folder / "members" / "linear", list(run.result.classes))
    assert "unheard" not in linear.features.vocabulary.words  # it is not trained on them


@pytest.mark.parametrize(
    "documents",
    [
        {"tốt lắm": 0, "rất tốt": 0, "hay quá": 0, "dở tệ": 1, "chán": 1, "quá chán": 1},
        {"tốt lắm": 0, "rất tốt": 0, "hay quá": 0, "dở tệ": 1, "chán": 1, "khó nói": 2},
        {"tốt": 0, "tốt ": 0, " tốt": 0, "dở": 1},  # two are the same text
        {"tốt": 0, "dở": 1},
    ],
)
def test_very_few_documents_are_enough(documents: dict[str, int], tmp_path: Path) -> None:
    few = Documents(list(documents), np.array(list(documents.values()), np.int32))
    names = ("a", "b", "c")[: max(documents.values()) + 1]
    dataset = replace(load_dataset(rows(8)), classes=names, train=few, test=few)
    run = train(dataset, "auto", tmp_path / "run", settings=TINY)
    assert run.result.status == "complete"
    assert verify(run.folder).problems == []


def test_without_test_documents_it_is_untested(tmp_path: Path) -> None:
    dataset = load_dataset(rows(8)).without_test()
    run = train(dataset, "auto", tmp_path / "run", settings=TINY)
    assert run.result.status == "untested"
    assert len(run.predict(["phim này tuyệt vời"])) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("members/linear/linear.safetensors", "linear.safetensors is damaged"),
        ("members/linear/linear.json", "linear.json is damaged"),
        ("ensemble.json", "ensemble.json is damaged"),
    ],
)
def test_a_damaged_file_is_named(name: str, message: str, run: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(run.folder, tmp_path / "run")
    (folder / name).write_bytes((folder / name).read_bytes()[:-3])
    with pytest.raises(RunError, match=message):
        load_predictor(folder)
    assert any(message in problem for problem in verify(folder).problems)
    (folder / name).unlink()
    with pytest.raises(RunError, match=f"holds no {Path(name).name}"):
        load_predictor(folder)


def test_a_missing_member_is_named(run: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(run.folder, tmp_path / "run")
    shutil.rmtree(folder / "members" / "linear")
    with pytest.raises(RunError, match=r"members/linear holds no linear\.json"):
        load_predictor(folder)
    assert len(verify(folder).problems) == 1


def test_only_a_single_network_can_be_exported_or_made_compact(run: Run, tmp_path: Path) -> None:
    for command in (
        ("export", run.folder, "--to", "keras", "--out", tmp_path / "model.keras"),
        ("compact", run.folder, "--out", tmp_path / "compact"),
    ):
        error = only_line_of_error(call_hoiquy(*command), 2)
        assert str(run.folder) in error and "needs a" in error  # a single network


def test_with_much_time_further_networks_are_tried(tmp_path: Path) -> None:
    settings = {"training.epochs": 1}
    run = train(rows(6), "auto", tmp_path / "run", settings=settings, minutes=60.0)
    plan = load_plan(run.folder)
    assert len(plan.further) == 3 and len(plan.chosen or []) <= 2
    assert {model.member for model in plan.models if model.fold == 0} == set(plan.networks)
    assert {model.member for model in plan.models if model.fold > 0} == set(plan.chosen or [])
