"""`hoiquy report` as users type it: each kind of file, and one line for each mistake."""

from pathlib import Path

import pytest

from command_line import call_hoiquy, only_line_of_error


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from page_runs import write_page_run

    folder = tmp_path_factory.mktemp("runs")
    write_page_run(folder / "bai3", "bai3", documents=100)
    write_page_run(folder / "bai5", "bai5", documents=100)
    return folder


def test_page_of_a_folder(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report.html"
    result = call_hoiquy("report", runs, "--out", out, "--lang", "vi")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [str(out)]
    assert "đang đọc bai3" in result.stderr
    assert out.read_text("utf-8").startswith('<!doctype html>\n<html lang="vi">')


def test_markdown_and_figures_of_single_runs(runs: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "report.md", tmp_path / "figures"
    result = call_hoiquy(
        "report", runs / "bai3", "--out", out, "--figures", figures, "--lang", "en", "--quiet"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert result.stdout.splitlines() == [str(out), f"{figures}: 10 figures"]
    assert out.read_text("utf-8").startswith("# Text classification with recurrent networks")
    assert (figures / "figure-6a.svg").exists()


def test_a_word_document_with_the_students_words(runs: Path, tmp_path: Path) -> None:
    import docx

    out, remarks = tmp_path / "report.docx", tmp_path / "mine.txt"
    command = ("report", runs, "--out", out, "--lang", "en", "--remarks", remarks)
    result = call_hoiquy(*command, "--author", "Lan", "--student-id", "7", "--class", "K68")
    assert result.returncode == 0, result.stderr
    assert f"{remarks}: your name and remarks for the report" in result.stderr
    written = remarks.read_text(encoding="utf-8")
    assert "Name: Lan\nStudent number: 7\nClass: K68" in written
    remarks.write_text(written.replace("[Exercise 5]", "[Exercise 5]\nMine."), encoding="utf-8")
    assert call_hoiquy(*command, "--brief", "--quiet").stderr == ""
    lines = [paragraph.text for paragraph in docx.Document(str(out)).paragraphs]
    assert {"Name: Lan", "Student number: 7", "Class: K68", "Mine."} <= {*lines}


def test_a_damaged_run_is_left_out_and_named(runs: Path, tmp_path: Path) -> None:
    from page_runs import write_page_run

    broken = write_page_run(tmp_path / "broken", "bai4", documents=50).folder
    (broken / "history.jsonl").write_text("no\n")
    result = call_hoiquy("report", runs, broken, "--out", tmp_path / "r.html", "--quiet")
    assert result.returncode == 0
    assert f"skipped: {broken}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["RUNS", "--out", "report.pdf"], 2, "report.pdf: expected a file name ending in"),
        (["RUNS", "--out", "report"], 2, "report: expected a file name ending in"),
        (["nowhere"], 2, "there is no run folder nowhere"),
        (["RUNS", "--remarks", "EMPTY"], 2, "cannot be read"),
        (["EMPTY"], 2, "neither a run folder nor a folder of runs"),
        ([], 2, "Missing argument"),
        (["RUNS", "--out", "FILE/report.html"], 1, "cannot make the folder"),
        (["RUNS", "--out", "EMPTY.html"], 1, "cannot write"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], code: int, words: str, runs: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("")
    places = {
        "RUNS": str(runs),
        "EMPTY": str(tmp_path / "empty"),
        "FILE/report.html": str(tmp_path / "file" / "report.html"),
        "EMPTY.html": str(tmp_path / "folder.html"),
    }
    given = [places.get(argument, argument) for argument in arguments]
    result = call_hoiquy("report", *given, "--quiet", "--lang", "en")
    assert words in only_line_of_error(result, code)
