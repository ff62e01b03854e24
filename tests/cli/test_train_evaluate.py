"""`hoiquy train` and `hoiquy evaluate`, end to end on small data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error
from hoiquy.runs.folder import load_run


@pytest.fixture
def trained(reviews: Path, small_recipe: Path, tmp_path: Path) -> Path:
    out = tmp_path / "runs" / "first"
    result = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", out)
    assert result.returncode == 0, result.stderr
    assert "Total parameters" in result.stdout
    assert "test accuracy" in result.stdout
    return out


def test_a_run_folder_holds_everything(trained: Path) -> None:
    assert {path.name for path in trained.iterdir()} == {
        "cost.json", "diagnostics.json", "environment.json", "examples.json", "figures",
        "history.jsonl", "manifest.json", "misclassified.json", "predictions.parquet",
        "recipe.toml", "result.json", "summary.txt", "vocabulary.txt",
        "weights.safetensors",
    }  # fmt: skip
    assert {path.name for path in (trained / "figures").iterdir()} == {"accuracy.png", "loss.png"}
    run = load_run(trained)
    assert run.result.status == "complete"
    assert run.result.epochs == len(run.history) == 3
    assert run.result.train_documents == 72
    assert run.result.validation_documents == 8
    assert run.result.test_documents == 80


def test_evaluate_repeats_the_test_accuracy(trained: Path, reviews: Path) -> None:
    result = call_hoiquy("evaluate", trained, reviews, "--json")
    assert result.returncode == 0, result.stderr
    measures = json.loads(result.stdout)
    saved = load_run(trained).result
    assert measures["accuracy"] == saved.test_accuracy
    assert measures["macro_f1"] == saved.test_macro_f1
    assert measures["loss"] == saved.test_loss
    assert measures["documents"] == 80
    assert measures["accuracy_low"] < measures["accuracy"] < measures["accuracy_high"]
    assert measures["data"] == saved.data
    assert measures["official_test"] is False
    assert measures["classes"] == ["neg", "pos"]
    assert [sum(row) for row in measures["confusion"]] == [40, 40]
    right = sum(measures["confusion"][k][k] for k in (0, 1))
    assert right == round(80 * measures["accuracy"])
    assert [of_class["documents"] for of_class in measures["per_class"]] == [40, 40]
    assert {"roc_auc", "log_loss", "brier", "expected_calibration_error"} < set(measures)


def test_evaluate_shows_tables_in_both_languages(trained: Path, reviews: Path) -> None:
    accuracy = load_run(trained).result.test_accuracy
    assert accuracy is not None
    english = call_hoiquy("evaluate", trained, reviews, "--quiet", "--lang", "en")
    vietnamese = call_hoiquy("evaluate", trained, reviews, "--quiet", "--lang", "vi")
    assert english.stderr == vietnamese.stderr == ""
    assert f"Accuracy {100 * accuracy:.2f}%" in english.stdout
    for word in ("ROC-AUC", "Brier score", "precision", "recall", "true ╲ predicted", "neg", "pos"):
        assert word in english.stdout
    for word in ("Accuracy", "điểm Brier", "Ma trận nhầm lẫn", "nhãn thật ╲ dự đoán"):
        assert word in vietnamese.stdout


def test_the_same_seed_gives_the_same_bits(
    trained: Path, reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    arguments = ("train", reviews, "--recipe", small_recipe, "--quiet", "--json", "--out")
    assert call_hoiquy(*arguments, again, HOIQUY_THREADS="1").returncode == 0
    assert call_hoiquy(*arguments, other, "--set", "training.seed=2").returncode == 0
    weights = "weights.safetensors"
    assert (again / weights).read_bytes() == (trained / weights).read_bytes()
    assert (other / weights).read_bytes() != (trained / weights).read_bytes()


def test_json_and_quiet_print_json_only(reviews: Path, small_recipe: Path, tmp_path: Path) -> None:
    result = call_hoiquy(
        "train", reviews, "--recipe", small_recipe, "--out", tmp_path / "run", "--quiet", "--json"
    )
    assert json.loads(result.stdout)["status"] == "complete"
    assert result.stderr == ""


def test_an_existing_run_is_not_touched(trained: Path, reviews: Path, small_recipe: Path) -> None:
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    result = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", trained)
    assert "exists already" in only_line_of_error(result, 2)
    assert {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()} == before


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from hoiquy.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'scipy', 'pyarrow', 'matplotlib', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"
