"""`hoiquy lab`: all five exercises on small data, then the same command again."""

import signal
from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error, stop_when
from hoiquy.runs.folder import load_run

EXERCISES = ["bai1", "bai2", "bai3", "bai4", "bai5"]


@pytest.fixture(scope="module")
def lab(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A finished lab and what it printed."""
    out = tmp_path_factory.mktemp("lab") / "lab"
    result = call_hoiquy("lab", "--quick", "--data", reviews, "--out", out, "--lang", "en")
    assert result.returncode == 0, result.stderr
    return out, result.stdout


def test_five_runs_and_a_report(lab: tuple[Path, str]) -> None:
    out, printed = lab
    reports = {"my-remarks.txt", "overview.png", "report.html", "report.md"}
    assert {path.name for path in out.iterdir()} == {*EXERCISES, *reports}
    assert printed.endswith(f"{out / 'report.html'}\n")
    for name in EXERCISES:
        assert load_run(out / name).result.recipe == f"{name}-quick"
        assert (out / name / "figures" / "accuracy.png").exists()
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "LSTM against GRU" in report
    assert "LSTM against GRU" in printed
    assert "not the lab's own setting" in printed


def test_the_same_command_again_keeps_what_is_done(lab: tuple[Path, str], reviews: Path) -> None:
    out, _ = lab
    before = {name: (out / name / "result.json").stat().st_mtime_ns for name in EXERCISES}
    result = call_hoiquy("lab", "--quick", "--data", reviews, "--out", out, "--lang", "vi")
    assert result.returncode == 0, result.stderr
    assert {n: (out / n / "result.json").stat().st_mtime_ns for n in EXERCISES} == before
    assert "báo cáo thực hành" in (out / "report.md").read_text(encoding="utf-8")


def test_the_students_words_are_merged(lab: tuple[Path, str], reviews: Path) -> None:
    out, _ = lab
    file = out / "my-remarks.txt"
    empty = file.read_text(encoding="utf-8")
    again = ("lab", "--quick", "--data", reviews, "--out", out, "--lang", "vi")
    try:
        file.write_text(f"{empty}\nGRU nhanh hơn.\n", encoding="utf-8")
        result = call_hoiquy(*again, "--author", "Lê Thị Bé", "--class", "K68", "--brief")
        assert result.returncode == 0, result.stderr
        report = (out / "report.md").read_text(encoding="utf-8")
        assert "**Họ và tên:** Lê Thị Bé" in report and "**Lớp:** K68" in report
        assert "### Nhận xét của sinh viên\n\nGRU nhanh hơn." in report
        assert "Phụ lục" not in report
        assert "GRU nhanh hơn." in (out / "report.html").read_text(encoding="utf-8")
        file.write_text("[Exercice 3]\n", encoding="utf-8")
        assert "line 1: [Exercice 3]" in only_line_of_error(call_hoiquy(*again), 2)
    finally:
        file.write_text(empty, encoding="utf-8")


@pytest.mark.process
def test_an_interrupted_exercise_goes_on(
    lab: tuple[Path, str], reviews: Path, tmp_path: Path
) -> None:
    out, _ = lab
    command = ("lab", "--quick", "--only", "bai1", "--data", reviews, "--out", tmp_path / "lab")
    stop_when(command, lambda: (tmp_path / "lab/bai1/checkpoint").exists(), signal.SIGINT)
    finished = call_hoiquy(*command)
    assert finished.returncode == 0, finished.stderr
    again, whole = load_run(tmp_path / "lab" / "bai1"), load_run(out / "bai1")
    assert again.result == whole.result
    assert again.history == whole.history


def test_a_folder_of_another_lab_is_refused(lab: tuple[Path, str], reviews: Path) -> None:
    out, _ = lab
    result = call_hoiquy("lab", "--data", reviews, "--out", out)
    assert str(out / "bai1") in only_line_of_error(result, 2)


def test_seeds_have_folders_of_their_own(reviews: Path, tmp_path: Path) -> None:
    out = tmp_path / "lab"
    result = call_hoiquy(
        "lab", "--quick", "--only", "bai1", "--seeds", "2", "--data", reviews, "--out", out
    )
    assert result.returncode == 0, result.stderr
    assert load_run(out / "bai1-seed1").result.seed == 1
    assert load_run(out / "bai1-seed2").result.seed == 2
