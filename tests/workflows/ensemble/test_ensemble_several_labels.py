"""The default ensemble where a document may have several labels, or none."""

import csv
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from command_line import call_hoiquy
from hoiquy.data.dataset import Documents
from hoiquy.errors import RecipeError, StoppedError
from hoiquy.events import EnsembleStep, Event
from hoiquy.interop.ensemble_inputs import EnsembleInputs
from hoiquy.interop.export import export_run
from hoiquy.interop.onnx.ensemble import onnx_ensemble_probabilities
from hoiquy.nn.metrics import MultilabelEvaluation
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.prediction.explain import explain
from hoiquy.runs.ensemble import load_ensemble
from hoiquy.workflows.ensemble import members
from hoiquy.workflows.evaluate import evaluate
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.verify import retrain, verify
from several_labels import LABELS, dataset, documents
from small_ensembles import ensemble_bits, small_ensemble

LONGER = {"training.epochs": 20}  # so that the network gets a weight


def write_table(path: Path, count: int = 100, seed: int = 0) -> Path:
    """A table with a column of 0 and 1 for each label."""
    texts, labels = documents(count, seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", *LABELS))
        writer.writerows((text, *row) for text, row in zip(texts, labels.tolist(), strict=True))
    return path


@pytest.fixture(scope="module", autouse=True)
def the_network_is_chosen() -> Iterator[None]:
    """Although it gains nothing on so few texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "_NO_GAIN", -1e9)
        patch.setattr(members, "_NO_WEIGHT", -1.0)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("several")
    return small_ensemble(place / "run", write_table(place / "table.csv"), settings=LONGER)


def test_it_predicts_and_measures_sets_of_labels(run: Run, tmp_path: Path) -> None:
    predictor = run.predictor
    assert isinstance(predictor, EnsemblePredictor) and predictor.multilabel
    assert (run.result.status, run.result.multilabel) == ("complete", True)
    assert {len(models) for models in predictor.models} == {1, 5}
    predictions = run.predictions()
    predicted = (predictions.probabilities > 0.5).astype(int)
    assert run.result.test_accuracy == accuracy_score(predictions.labels, predicted)
    f1 = f1_score(predictions.labels, predicted, average="macro", zero_division=0)
    assert run.result.test_macro_f1 == pytest.approx(f1)
    found = evaluate(run, write_table(tmp_path / "new.csv", 30, seed=9))
    assert isinstance(found.details, MultilabelEvaluation)
    assert found.accuracy > 0.8 and found.loss == pytest.approx(found.details.log_loss, abs=1e-6)
    held_out = load_ensemble(run.folder, 3).held_out
    assert held_out.documents == run.result.train_documents and held_out.accuracy > 0.8
    assert "cross-validated: subset accuracy" in run.summary()


def test_it_verifies_and_is_retrained_to_the_bit(run: Run) -> None:
    assert verify(run.folder).problems == []
    assert retrain(run.folder) == []


def test_one_thread_and_several_give_the_same_bits(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for threads in ("1", "2"):
        monkeypatch.setenv("HOIQUY_THREADS", threads)
        table = run.folder.parent / "table.csv"
        other = small_ensemble(tmp_path / threads, table, settings=LONGER)
        assert ensemble_bits(other.folder) == ensemble_bits(run.folder)


def test_stopped_between_models_it_is_resumed_to_the_same_bits(run: Run, tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, EnsembleStep) and event.model == "words-2":
            os.kill(os.getpid(), signal.SIGINT)

    table = run.folder.parent / "table.csv"
    with pytest.raises(StoppedError):
        small_ensemble(tmp_path / "run", table, on_event=stop, settings=LONGER)
    assert ensemble_bits(resume(tmp_path / "run").folder) == ensemble_bits(run.folder)


def test_the_command_prints_labels_as_of_a_network(run: Run) -> None:
    texts = ["mango copper word1", "danube", "word1 word2"]
    result = call_hoiquy("predict", run.folder, *texts, "--format", "jsonl")
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["prediction"] for row in rows] == list(map(list, run.predict(texts)))
    assert explain(run.predictor, texts[0]).labels == run.predict(texts[:1])[0]


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_reports_name_the_measure(run: Run, tmp_path: Path, lang: str) -> None:
    page = tmp_path / "report.md"
    result = call_hoiquy("report", run.folder, "--out", page, "--lang", lang)
    assert result.returncode == 0, result.stderr
    assert ": subset accuracy " in page.read_text(encoding="utf-8")


def test_class_weights_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    settings = {"training.class_weight": "balanced"}
    with pytest.raises(RecipeError, match=r"several labels: .* training\.class_weight=none"):
        train(dataset(60, 20), "auto", tmp_path / "run", settings=settings)
    assert not (tmp_path / "run").exists()


def test_an_exported_ensemble_predicts_the_same(run: Run, tmp_path: Path) -> None:
    exported = export_run(run, "onnx", tmp_path / "model.onnx")
    assert exported.parity.failed is None
    assert json.loads(exported.text.read_text())["multilabel"] is True
    texts = [*documents(20, seed=4)[0], "", "mango"]
    predictor = EnsemblePredictor.from_run(run)
    theirs = onnx_ensemble_probabilities(exported.model.read_bytes(), {})(
        EnsembleInputs.of(predictor).arrays(texts)
    )
    np.testing.assert_allclose(theirs, predictor.probabilities(texts), atol=1e-5)


@pytest.mark.parametrize(
    "labels",
    [
        {"none": [[0, 1], [0, 0]] * 10},  # no document has the first label
        {"all": [[1, 1], [1, 0]] * 10},  # all have it
        {"one": [[0, 1], [1, 0]] * 10},  # exactly one each
        {"alike": [[1, 0]] * 20},
        {"few": [[1, 0], [1, 1], [0, 0]]},
        {"two": [[1, 0], [0, 1]]},
    ],
    ids=lambda labels: next(iter(labels)),
)
def test_labels_of_few_documents(labels: dict[str, list[list[int]]], tmp_path: Path) -> None:
    (rows,) = labels.values()
    words = ["mango", "copper", "danube"]
    texts = [f"{words[number % 3]} word{number}" for number in range(len(rows))]
    few = Documents(texts, np.array(rows, np.uint8))
    data = replace(dataset(4, 4), classes=("a", "b"), train=few, test=few)
    found = train(data, "auto", tmp_path / "run", small=True)
    assert found.result.status == "complete"
    probabilities = found.predict_proba([*texts, ""])
    assert np.isfinite(probabilities).all()
    if "none" in labels or "all" in labels or "alike" in labels:
        constant = probabilities[:, 0]
        assert (constant < 0.1).all() if "none" in labels else (constant > 0.9).all()
