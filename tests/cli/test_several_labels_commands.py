"""Every command on a run of several labels a document: what it prints and writes."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from hoiquy import train
from hoiquy.cli.main import main
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.folder import load_run
from hoiquy.workflows.encode import encode
from several_labels import LABELS, RECIPE, dataset, documents, recipe

TEXTS = documents(12, seed=3)[0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the data, a run on it, and texts to predict."""
    folder = tmp_path_factory.mktemp("several")
    encode(dataset(), recipe(), folder / "store")
    train(folder / "store", recipe(), folder / "run")
    (folder / "texts.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    return folder


@pytest.fixture
def hoiquy(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in this process; returns what it printed."""

    def run(*arguments: str | Path) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        assert not ended.value.code
        return capsys.readouterr().out

    return run


def expected(place: Path) -> list[tuple[str, ...]]:
    predictor = load_predictor(place / "run")
    return predictor.labels(predictor.predict_proba(TEXTS))


def test_predict_writes_every_label_in_every_format(
    place: Path, hoiquy: Any, tmp_path: Path
) -> None:
    labels = expected(place)
    assert () in labels and any(len(row) > 1 for row in labels)
    run, texts = place / "run", place / "texts.txt"
    lines = hoiquy("predict", run, "--file", texts, "--format", "jsonl").splitlines()
    assert [tuple(json.loads(line)["prediction"]) for line in lines] == labels
    rows = list(
        csv.DictReader(io.StringIO(hoiquy("predict", run, "--file", texts, "--format", "csv")))
    )
    assert [tuple(filter(None, row["prediction"].split("|"))) for row in rows] == labels
    hoiquy("predict", run, "--file", texts, "--out", tmp_path / "answers.parquet")
    table = pq.read_table(tmp_path / "answers.parquet")
    assert [tuple(row) for row in table.column("prediction").to_pylist()] == labels
    shown = hoiquy("predict", run, "--file", texts).splitlines()[1:]
    for line, row in zip(shown, labels, strict=True):
        assert line.startswith(", ".join(row) or "–")


def test_a_table_says_that_labels_do_not_add_up(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, note in (("en", "may have several labels or none"), ("vi", "có thể có nhiều nhãn")):
        with pytest.raises(SystemExit):
            main(["predict", str(place / "run"), "mango", "--lang", lang])
        assert note in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_explain_names_every_label(place: Path, hoiquy: Any, lang: str) -> None:
    both = hoiquy("predict", place / "run", "mango copper word1", "--explain", "--lang", lang)
    assert "fruit, metal" in both
    none = hoiquy("predict", place / "run", "word1 word2", "--explain", "--lang", lang)
    assert {"en": "No label", "vi": "Không có nhãn"}[lang] in none
    line = hoiquy("predict", place / "run", "mango copper", "--explain", "--format", "jsonl")
    assert json.loads(line)["prediction"] == ["fruit", "metal"]


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_evaluate_measures_labels(place: Path, hoiquy: Any, lang: str) -> None:
    run, store = place / "run", place / "store"
    found = json.loads(hoiquy("evaluate", run, store, "--json"))
    assert found["multilabel"] is True and len(found["per_label"]) == 3
    assert found["accuracy"] == found["subset_accuracy"]
    assert found["accuracy_low"] <= found["accuracy"] <= found["accuracy_high"]
    shown = hoiquy("evaluate", run, store, "--lang", lang)
    assert "Subset accuracy" in shown and "Hamming loss" in shown
    for label in LABELS:
        assert label in shown


def test_data_info_counts_labels(place: Path, hoiquy: Any) -> None:
    facts = json.loads(hoiquy("data", "info", place / "store", "--json"))
    counts = dataset().train.labels.sum(axis=0).tolist()
    assert facts["train"] == dict(zip(LABELS, counts, strict=True))
    none = int((~dataset().train.labels.any(axis=1)).sum())
    assert facts["multilabel"]["training documents without a label"] == none
    assert str(none) in hoiquy("data", "info", place / "store")


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_report_has_measures_of_labels(
    place: Path, hoiquy: Any, tmp_path: Path, lang: str
) -> None:
    page, sheet = tmp_path / "report.html", tmp_path / "report.md"
    for out in (page, sheet):
        hoiquy(
            "report", place / "run", "--out", out, "--figures", tmp_path / "figures", "--lang", lang
        )
    assert "Hamming loss" in page.read_text() and "Micro F1" in page.read_text()
    assert {"en": "Subset accuracy is the", "vi": "Subset accuracy là"}[lang] in page.read_text()
    assert "subset accuracy" in sheet.read_text()
    assert not list(tmp_path.rglob("*confusion*"))


def test_verify_and_export(place: Path, hoiquy: Any, tmp_path: Path) -> None:
    hoiquy("verify", place / "run", "--retrain")
    hoiquy("export", place / "run", "--to", "onnx", "--out", tmp_path / "model.onnx")
    about = json.loads((tmp_path / "model.text.json").read_text())
    assert about["classes"] == list(LABELS) and about["multilabel"] is True


def test_predicted_probabilities_are_those_of_each_label(place: Path, hoiquy: Any) -> None:
    line = hoiquy("predict", place / "run", TEXTS[0], "--format", "jsonl")
    shown = json.loads(line)["probabilities"]
    found = load_predictor(place / "run").predict_proba(TEXTS[:1])[0]
    np.testing.assert_allclose([shown[label] for label in LABELS], found, atol=1e-6)


def write_table(path: Path, count: int, seed: int) -> Path:
    texts, labels = documents(count, seed)
    rows = [[text, *row] for text, row in zip(texts, labels, strict=True)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["comment", *LABELS], *rows])
    return path


def test_a_table_from_training_to_evaluation(hoiquy: Any, tmp_path: Path) -> None:
    """Columns are named one by one; the run finds them again in another table."""
    table, new = (write_table(tmp_path / f"{seed}.csv", 120, seed) for seed in (1, 2))
    (tmp_path / "several.toml").write_text(RECIPE)
    named = [part for label in LABELS for part in ("--label", label)]
    hoiquy("train", table, "--recipe", tmp_path / "several.toml", *named, "--out", tmp_path / "run",
           "--quiet")  # fmt: skip
    run = load_run(tmp_path / "run")
    assert run.result.multilabel and run.result.classes == list(LABELS)
    found = json.loads(hoiquy("evaluate", tmp_path / "run", new, "--json"))
    assert found["documents"] == 120 and found["micro_f1"] > 0.5
    assert [one["documents"] for one in found["per_label"]] == documents(120, 2)[1].sum(0).tolist()
    hoiquy("verify", tmp_path / "run", "--retrain")
    (line,) = hoiquy("predict", tmp_path / "run", "mango", "--format", "jsonl").splitlines()
    assert isinstance(json.loads(line)["prediction"], list)


def test_a_separator_is_remembered(hoiquy: Any, tmp_path: Path) -> None:
    texts, labels = documents(120)
    path = tmp_path / "films.csv"
    cells = ["|".join(np.array(LABELS)[row == 1]) for row in labels]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["text", "genre"], *zip(texts, cells, strict=True)])
    (tmp_path / "several.toml").write_text(RECIPE)
    hoiquy("train", path, "--recipe", tmp_path / "several.toml", "--label-separator", "|",
           "--label", "genre", "--out", tmp_path / "run", "--quiet")  # fmt: skip
    found = json.loads(hoiquy("evaluate", tmp_path / "run", path, "--json"))
    assert found["documents"] == 120 and found["classes"] == list(LABELS)
    hoiquy("verify", tmp_path / "run", "--retrain")
