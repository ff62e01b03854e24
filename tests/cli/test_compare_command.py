"""`hoiquy compare`: recipes trained and compared, the tables, the files, wrong arguments."""

import json
import signal
from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error, stop_when
from hoiquy.runs.folder import load_run
from small_reviews import SMALL
from trained_runs import right_about, write_seeds, write_trained


@pytest.fixture(scope="module")
def compared(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A finished comparison of two recipes: its folder, what it printed, and its progress."""
    folder = tmp_path_factory.mktemp("compared")
    for cell in ("lstm", "gru"):
        recipe = SMALL.replace('name = "small"', f'name = "small-{cell}"').replace("lstm", cell)
        (folder / f"{cell}.toml").write_text(recipe)
    result = call_hoiquy(
        "compare", "--recipe", folder / "lstm.toml", "--recipe", folder / "gru.toml",
        "--seeds", "2", "--data", reviews, "--out", folder / "out",
        "--set", "training.epochs=1", "--lang", "en",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return folder / "out", result.stdout, result.stderr


def test_tables_and_verdicts(compared: tuple[Path, str, str]) -> None:
    _, printed, progress = compared
    for words in (
        "small-lstm", "small-gru", "Majority class", "TF-IDF + logistic regression",
        "Embedding(8) → LSTM(8)", "Test accuracy (95% interval)", "p (Holm)", "1, 2",
        "small-lstm − small-gru", "small-gru − Majority class",
        "Accuracy intervals are over the seeds", "number of pairs: 5",
        "Smallest detectable difference", "the test treats both seeds and documents as random",
    ):  # fmt: skip
        assert words in " ".join(printed.split()), words
    assert "training the baseline: NB-SVM" in progress
    assert "small-gru-seed2: test accuracy" in progress


def test_files(compared: tuple[Path, str, str]) -> None:
    out, printed, _ = compared
    assert {path.name for path in out.iterdir()} == {
        "small-lstm-seed1", "small-lstm-seed2", "small-gru-seed1", "small-gru-seed2",
        "baselines", "comparison.json", "comparison.md",
    }  # fmt: skip
    assert load_run(out / "small-gru-seed2").recipe.training.epochs == 1
    facts = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert len(facts["candidates"]) == 5
    assert len(facts["pairs"]) == 7
    page = (out / "comparison.md").read_text(encoding="utf-8")
    for words in ("# Comparison", "| small-lstm | Embedding(8) → LSTM(8) |", "are not corrected"):
        assert words in page
    assert str(out / "comparison.md") in printed


def test_the_folder_can_be_compared_again(compared: tuple[Path, str, str]) -> None:
    out, _, _ = compared
    result = call_hoiquy("compare", out, "--json", "--quiet")
    assert result.returncode == 0
    assert result.stderr == ""
    first = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    again = json.loads(result.stdout)
    for found in (first, again):  # folders are read by name, recipes as they were given
        found["candidates"].sort(key=lambda candidate: candidate["name"])
    assert again["candidates"] == first["candidates"]
    ours, theirs = (sorted(pair["adjusted_p"] for pair in x["pairs"]) for x in (again, first))
    assert ours == pytest.approx(theirs)


def test_vietnamese(compared: tuple[Path, str, str], tmp_path: Path) -> None:
    out, _, _ = compared
    result = call_hoiquy("compare", out, "--lang", "vi", "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "comparison.md").read_text(encoding="utf-8")
    for words in ("Lớp chiếm đa số", "khoảng tin cậy 95%", "theo seed"):
        assert words in page
        assert words in " ".join(result.stdout.split())
    assert not {"difference", "seeds", "baseline"} & set(page.split())


@pytest.mark.process
def test_ctrl_c_keeps_what_is_done(reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace("epochs = 3", "epochs = 400"))
    out = tmp_path / "out"
    command = (
        "compare", "--recipe", tmp_path / "small.toml", "--seeds", "2", "--data", reviews,
        "--out", out, "--no-baselines",
    )  # fmt: skip
    code, errors = stop_when(
        command, lambda: (out / "small-seed1" / "checkpoint").exists(), signal.SIGINT
    )
    assert code == 130
    assert "rerun the same command to continue" in errors.splitlines()[-1]
    assert load_run(out / "small-seed1").result.status == "interrupted"


def test_a_single_training_of_each(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.80])
    write_seeds(tmp_path, [0.88], "bai5")
    result = call_hoiquy("compare", tmp_path, "--no-baselines", "--lang", "en")
    assert result.returncode == 0, result.stderr
    assert "In these trainings bai5 did better than bai3" in " ".join(result.stdout.split())
    assert "bai5 did better in these trainings" in result.stdout
    assert not (tmp_path / "comparison.md").exists()  # nothing is written without --out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give runs or folders of runs, or --recipe"),
        (["nowhere"], "no run folder nowhere"),
        (["runs", "--recipe", "bai3"], "either runs or --recipe"),
        (["runs", "--seeds", "3"], "--seeds, --set, --log and --ray require --recipe"),
        (["runs", "--ray", "auto"], "--seeds, --set, --log and --ray require --recipe"),
        (["--recipe", "bai3"], "--recipe requires --data and --out"),
        (["--recipe", "bai3", "--data", "imdb-train"], "--recipe requires --out"),
        (["--recipe", "bai9", "--data", "imdb-train", "--out", "x"], "unknown recipe 'bai9'"),
        (["--recipe", "bai3", "--seeds", "0"], "--seeds"),
    ],
)
def test_wrong_arguments(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in only_line_of_error(call_hoiquy("compare", *arguments), 2)
    assert not list(tmp_path.iterdir())


def test_runs_of_other_data_are_refused(tmp_path: Path) -> None:
    write_trained(tmp_path / "a", right_about(40, [1]))
    write_trained(tmp_path / "b", right_about(40, [1]), "bai5", data_fingerprint="0" * 64)
    line = only_line_of_error(call_hoiquy("compare", tmp_path), 2)
    assert "different data" in line
    assert str(tmp_path / "a") in line
