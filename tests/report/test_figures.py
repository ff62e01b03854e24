"""Figures as files: numbered as in the lab sheet, in two formats, the same bytes each time."""

import re
from pathlib import Path

from hoiquy.report.exercises import group_runs
from hoiquy.report.figures import figure_name, write_figures
from hoiquy.report.gathering import Gathered
from hoiquy.report.lab_report import write_markdown
from page_runs import write_page_run
from synthetic_runs import learning, write_run


def test_numbers_are_those_of_the_sheet(tmp_path: Path) -> None:
    run = write_page_run(tmp_path / "bai3", "bai3", documents=100)
    written = write_figures([run], tmp_path / "figures", "vi")
    assert sorted(path.name for path in written) == [
        "bai3-confusion.png", "bai3-confusion.svg", "bai3-reliability.png", "bai3-reliability.svg",
        "figure-6a.png", "figure-6a.svg", "figure-6b.png", "figure-6b.svg",
        "overview.png", "overview.svg",
    ]  # fmt: skip
    for path in written:
        start = b"\x89PNG" if path.suffix == ".png" else b"<?xml"
        assert path.read_bytes().startswith(start)
    again = write_figures([run], tmp_path / "again", "vi")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_names_tell_runs_apart(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / f"{name}{seed}{epochs}", name, documents=50, accuracy=0.8,
                  settings=[f"training.seed={seed}", f"training.epochs={epochs}"])
        for name in ("bai5", "bai5-quick")
        for seed in (1, 2)
        for epochs in (10, 12)
    ]  # fmt: skip
    names = {
        figure_name(group, run, measure)
        for group in group_runs(runs)
        for run in group.runs
        for measure in ("accuracy", "loss", "confusion", "reliability")
    }
    assert len(names) == 4 * len(runs)
    assert "figure-10a-quick-training.epochs=12-seed2" in names
    assert all(re.fullmatch(r"[\w.=-]+", name) for name in names)


def test_interrupted_runs_have_the_figures_they_can(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "bai3", accuracy=None, history=learning()[:2]),
        write_run(tmp_path / "bai5", "bai5", accuracy=None, history=[]),
    ]
    written = write_figures(runs, tmp_path / "figures", "en")
    assert {path.stem for path in written} == {"figure-6a", "figure-6b", "overview"}


def test_markdown_of_any_runs_leaves_the_runs_alone(tmp_path: Path) -> None:
    run = write_run(tmp_path / "bai3", documents=100)
    before = sorted(path.name for path in run.folder.rglob("*"))
    path = write_markdown(Gathered((run,)), tmp_path / "out" / "lstm.md", "en")
    report = path.read_text(encoding="utf-8")
    links = re.findall(r"!\[[^]]*\]\(([^)]*)\)", report)
    assert links == ["lstm-figures/figure-6a.png", "lstm-figures/figure-6b.png"]
    assert all((path.parent / link).exists() for link in links)
    assert sorted(path.name for path in run.folder.rglob("*")) == before


def test_markdown_of_damaged_runs_says_what_it_can(tmp_path: Path) -> None:
    run = write_run(tmp_path / "bai3", documents=100)
    for name in ("predictions.parquet", "cost.json", "summary.txt"):
        (run.folder / name).unlink()
    report = write_markdown(Gathered((run,)), tmp_path / "report.md", "en").read_text(
        encoding="utf-8"
    )
    assert "**Test accuracy: 88.00%**" in report
    assert "This run has no summary.txt." in report


def test_markdown_of_runs_that_cannot_be_compared_says_why(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "bai3", documents=100),
        write_run(tmp_path / "bai5", "bai5", documents=100, data_fingerprint="0" * 64),
    ]
    report = write_markdown(Gathered(tuple(runs)), tmp_path / "report.md", "en").read_text(
        encoding="utf-8"
    )
    assert "> **Not compared:**" in report
    assert "different data" in report
    assert "## How to reproduce this" in report
