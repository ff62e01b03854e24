"""Wherever a softmax answers, its probabilities add up to 1: in every recipe, file and export."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from running import Caller, serving

import hoiquy
from hoiquy.cli.prediction_output import opened
from hoiquy.data.unlabelled.rows import Document
from hoiquy.nn.metrics import evaluate
from hoiquy.prediction.explain import explain
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import recipe_names
from hoiquy.runs.folder import Run, load_run
from many_classes import CLASSES, TEXTS, check_sums, is_softmax, train_every_recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_every_recipe(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Caller]:
    with serving(folder) as caller:
        yield caller


def files_of(run: Run, kind: str, folder: Path) -> Any:
    """The probabilities that `hoiquy predict --format` writes."""
    out, predictor = folder / f"out.{kind}", Predictor.from_run(run)
    documents = [Document(number, text) for number, text in enumerate(TEXTS, start=1)]
    with opened(kind, out, predictor.classes) as writer:
        writer.write(documents, predictor.predict_proba(TEXTS))
    if kind == "parquet":
        return np.column_stack([c.to_numpy() for c in pq.read_table(out).columns[3:]])
    with out.open(encoding="utf-8", newline="") as file:
        if kind == "csv":
            return [[float(cell) for cell in row[3:]] for row in list(csv.reader(file))[1:]]
        return [list(json.loads(line)["probabilities"].values()) for line in file]


@pytest.mark.parametrize("name", recipe_names())
def test_of_a_run(name: str, folder: Path, tmp_path: Path) -> None:
    run = load_run(folder / name)
    predictor, predictions = Predictor.from_run(run), run.predictions()
    assert predictor.model.output.sums_to_one == is_softmax(name)
    assert run.recipe.model.output == ("softmax" if is_softmax(name) else "sigmoid")
    check_sums(name, predictor.predict_proba(TEXTS))
    check_sums(name, predictions.probabilities)  # predictions.parquet
    check_sums(name, explain(predictor, TEXTS[3]).probabilities)
    for kind in ("jsonl", "csv", "parquet"):
        check_sums(name, files_of(run, kind, tmp_path))
    classifier = hoiquy.RecurrentClassifier.load(run.folder)
    np.testing.assert_allclose(classifier.predict_proba(TEXTS).sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("name", recipe_names())
def test_of_the_service(name: str, service: Caller) -> None:
    answer = service.post("/api/predict", {"texts": TEXTS, "model": name}).json()
    check_sums(name, [one["probabilities"] for one in answer["answers"]])
    trace = service.post("/api/explain", {"text": TEXTS[3], "model": name}).json()
    check_sums(name, trace["probabilities"])
    models = {one["name"]: one for one in service.get("/api/models").json()["models"]}
    assert models[name]["output"] == ("softmax" if is_softmax(name) else "sigmoid")


@pytest.mark.parametrize("name", ["auto", "fast"])
def test_measures_take_a_softmax_as_it_is(name: str, folder: Path) -> None:
    predictions = load_run(folder / name).predictions()
    p, labels = predictions.probabilities.astype(np.float64), predictions.labels
    found = evaluate(labels, p)
    rows = np.arange(len(labels))
    assert found.log_loss == pytest.approx(-np.log(p[rows, labels]).mean(), rel=1e-6)
    brier = ((p - np.eye(len(CLASSES))[labels]) ** 2).sum(axis=1).mean() / 2
    assert found.brier == pytest.approx(brier, rel=1e-6)
