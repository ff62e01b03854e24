"""A report says that a command gives its numbers again only where it does."""

from pathlib import Path

import pytest

from hoiquy.report.gathering import gather
from hoiquy.report.lab_report import write_lab_report
from hoiquy.report.page.content import content_of
from hoiquy.report.repetition import repetition_of
from hoiquy.runs.folder import Run
from synthetic_runs import learning, write_run

SAME = "The same command on the same data"
TIMED = {"command": "hoiquy train reviews.csv --minutes 5"}


@pytest.mark.parametrize(
    ("command", "way"),
    [
        ("hoiquy train reviews.csv", "command"),
        ("hoiquy train reviews.csv --minutes 5", "plan"),
        ("hoiquy train reviews.csv --minutes=5", "plan"),
        ("hoiquy train 'a --minutes b.csv'", "command"),  # a file's name
        ("hoiquy train 'reviews.csv", "command"),  # damaged
    ],
)
def test_a_time_limit_decides(command: str, way: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", documents=50)
    assert repetition_of(run, {"command": command}) == way


def test_so_does_that_of_an_ensemble(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", documents=50, metric="accuracy", minutes=2.0)
    assert repetition_of(run, {"command": "script.py"}) == "plan"


def test_changed_versions_and_unfinished_trainings(tmp_path: Path) -> None:
    changed = write_run(tmp_path / "a", documents=50, changes=["numpy 2.4.6 → 2.5.0"])
    unfinished = write_run(tmp_path / "b", accuracy=None, history=learning()[:4])
    assert repetition_of(changed, TIMED) == "changed"
    assert repetition_of(unfinished, {}) == "resume"


def reported(run: Run, folder: Path) -> str:
    return write_lab_report([run], folder, "en").read_text(encoding="utf-8")


def test_the_report_and_the_page_say_the_same(tmp_path: Path) -> None:
    by_command = write_run(tmp_path / "a", documents=50)
    timed = write_run(tmp_path / "b", documents=50, metric="accuracy", minutes=2.0)
    assert SAME in reported(by_command, tmp_path)
    text = reported(timed, tmp_path)
    assert SAME not in text and "hoiquy verify RUN --retrain" in text
    origins = content_of(gather([tmp_path])).origins
    sentences = {origin.members[0][1].folder.name: origin.repetition("en") for origin in origins}
    assert sentences["a"].startswith(SAME)
    assert "--retrain" in sentences["b"]
