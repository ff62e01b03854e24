"""The script of `make judge` on a tiny set, with real trainings of a few seconds."""

import csv
import json
import sys
from pathlib import Path

import pytest

import judge_default
from hoiquy.errors import HoiquyError
from judge import participants, plan
from judge.participants import FASTTEXT, HOIQUY
from labelled_sets import write_set


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sets; the small networks do without compiled kernels and fastText."""

    def fail(_: object) -> Path:
        raise HoiquyError("no network")

    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    monkeypatch.setattr(participants, "ensure_environment", fail)
    write_set(tmp_path / "sets" / "tiny", train=90, test=60)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> None:
    files = ["--out", folder / "out", "--history", folder / "history.csv"]
    arguments = ["judge_default.py", *options, *files]
    monkeypatch.setattr(sys, "argv", list(map(str, arguments)))
    judge_default.main()


@pytest.mark.process
def test_judge_measures_reports_and_continues(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = ["--sets", str(folder / "sets"), "--minutes", "0.05", "--seeds"]
    call(monkeypatch, folder, *sets, "1", "--only", "baselines")
    assert not (folder / "history.csv").exists()  # nothing of hoiquy was scored
    assert not (folder / "out" / "judge.png").exists()
    call(monkeypatch, folder, *sets, "2", "--only", "hoiquy")
    saved = json.loads((folder / "out" / "judge.json").read_text(encoding="utf-8"))
    found = {(one["participant"], one["seed"]): one for one in saved["outcomes"]}
    assert [*found] == [("tfidf-lr", 0), ("tfidf-char-svc", 0), ("nb-svm", 0), (HOIQUY, 2)]
    own = found[HOIQUY, 2]
    run = folder / "out" / "runs" / "tiny-seed2"
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    assert result["seed"] == 2
    assert own["accuracy"] == pytest.approx(result["test_accuracy"])
    assert own["macro_f1"] == pytest.approx(result["test_macro_f1"])
    assert own["log_loss"] == pytest.approx(result["test_loss"], rel=1e-3)
    files = [path for path in run.rglob("*") if path.is_file()]
    assert own["model_bytes"] == sum(path.stat().st_size for path in files)
    assert own["documents_per_second"] > 10
    assert own["minutes"] == 0.05
    assert {one["baseline"] for one in saved["comparisons"]} == {
        "tfidf-lr",
        "tfidf-char-svc",
        "nb-svm",
    }

    capsys.readouterr()
    call(monkeypatch, folder, *sets, "2")
    printed = capsys.readouterr()
    assert "4 of 4 are done already" in printed.err
    page = (folder / "out" / "judge.md").read_text(encoding="utf-8")
    assert page.strip() == printed.out.strip()
    assert f"- {FASTTEXT}: it cannot be installed" in page
    assert (folder / "out" / "judge.png").read_bytes().startswith(b"\x89PNG")
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        (line,) = csv.DictReader(file)  # of the one call that scored hoiquy
    assert (line["sets"], line["seeds"], line["names"]) == ("1", "2", "tiny")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "make judge SETS=folder"),
        (("--sets", "absent"), "no labelled sets in absent"),
        (("--minutes", "0"), "--minutes: expected a number above 0"),
    ],
)
def test_mistakes_have_a_message(
    options: tuple[str, ...],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        call(monkeypatch, folder, *options)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_ctrl_c_keeps_the_report_and_says_how_to_continue(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "_measure", interrupt)
    with pytest.raises(SystemExit):
        call(monkeypatch, folder, "--sets", str(folder / "sets"), "--only", "hoiquy")
    assert "stopped; the same command continues in" in capsys.readouterr().err
    assert json.loads((folder / "out" / "judge.json").read_text(encoding="utf-8"))["outcomes"] == []
