"""Reports of an ensemble have its members, weights and held-out measures instead of curves."""

import html
from dataclasses import replace
from pathlib import Path

import pytest

from hoiquy.callbacks.notebook.html import run_html
from hoiquy.cli.finished import show_finished
from hoiquy.errors import RunError
from hoiquy.messages import Lang
from hoiquy.report.exercises import structure_of
from hoiquy.report.lab_table import NOTHING, lab_table
from hoiquy.report.remarks import remarks
from hoiquy.runs.ensemble import HeldOut, ensemble_file, ensemble_of
from hoiquy.runs.files import PLAN
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.json_files import as_json
from hoiquy.workflows.report import report
from hoiquy.workflows.run import extended
from small_ensembles import write_ensemble
from synthetic_runs import write_run

LANGUAGES = pytest.mark.parametrize("lang", ["en", "vi"])
BOTH = [("linear", 0.75, 1), ("gru", 0.5, 5), ("convolution", 0.0, 1)]
ALONE = BOTH[:1]


def ensemble(
    folder: Path, *members: tuple[str, float, int], tried: int = 0, **changes: object
) -> Run:
    wanted = {"documents": 200, "history": [], "metric": "accuracy", "minutes": 5.0, **changes}
    run = write_run(folder, "auto", official_test=False, **wanted)
    write_ensemble(run, *members, tried=tried)
    return run


def texts(run: Run, lang: Lang) -> list[str]:
    return [remark.text(lang) for remark in remarks(run)]


def test_remarks_name_the_members_and_say_nothing_of_epochs(tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *BOTH, tried=6)
    keys = [remark.key for remark in remarks(run)]
    assert keys == ["not_official", "ensemble", "good_model"]
    assert texts(run, "en")[1] == (
        "The ensemble predicts with: linear classifier (weight 0.75), gru (5 models, weight 0.50). "
        "Cross-validated on 1,200 training documents: accuracy 90.00% (95% interval 88.17–91.57), "
        "macro F1 87.50%, log loss 0.250."
    )
    assert "bộ phân loại tuyến tính (trọng số 0,75), gru (5 mô hình" in texts(run, "vi")[1]


@pytest.mark.parametrize(
    ("tried", "english", "vietnamese"),
    [
        (3, "linear classifier predicts alone: no network", "không mạng nào cải thiện"),
        (0, "no network was trained", "không mạng nào"),
    ],
)
def test_a_linear_classifier_alone_is_said_plainly(
    tried: int, english: str, vietnamese: str, tmp_path: Path
) -> None:
    run = ensemble(tmp_path / "run", *ALONE, tried=tried)
    assert english in texts(run, "en")[1] and vietnamese in texts(run, "vi")[1]


@pytest.mark.parametrize(
    ("networks", "english"),
    [
        ({"gru": "", "words": ""}, "the time limit (--minutes) was reached before any network"),
        ({}, "no network was trained"),  # as with --small
    ],
)
def test_a_time_limit_that_leaves_no_network_is_named(
    networks: dict[str, str], english: str, tmp_path: Path
) -> None:
    run = ensemble(tmp_path / "run", *ALONE)
    write_checksummed(run.folder, {PLAN: as_json({"networks": networks, "metric": "accuracy"})})
    assert english in texts(run, "en")[1]


def test_an_interrupted_ensemble_is_unfinished(tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *ALONE, accuracy=None)
    assert [remark.key for remark in remarks(run)][-2:] == ["ensemble_interrupted", "ensemble"]
    assert "the models so far predict" in texts(run, "en")[1]
    assert "linear classifier (weight 0.75)" in texts(run, "en")[2]


def test_a_table_has_held_out_accuracy_and_no_epochs(tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *BOTH)
    assert structure_of(run, "en") == "linear classifier + 5 × gru"
    header, (row,) = lab_table([run], "en")
    cells = dict(zip(header, row, strict=True))
    assert cells["Epochs"] == cells["Training"] == NOTHING
    assert cells["Validation"] == "90.00%"


@LANGUAGES
def test_reports_have_the_members_and_no_curves(lang: Lang, tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *BOTH)
    text = report(run, out=tmp_path / "report.md", lang=lang).read_text("utf-8")
    number = "0.75" if lang == "en" else "0,75"
    name = "linear classifier" if lang == "en" else "bộ phân loại tuyến tính"
    assert f"| {name} | {number} | 1 |" in text and "![" not in text
    page = report(run, out=tmp_path / "report.html", lang=lang).read_text("utf-8")
    assert f'<th scope="row">{name}</th><td class="number">{number}</td>' in page
    for words in ("No epoch was completed", "Chưa có epoch"):
        assert words not in text and words not in page
    assert name in run_html(run, lang) and "epoch" not in run_html(run, lang).lower()


def test_a_damaged_ensemble_is_still_reported(tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *BOTH)
    (run.folder / "ensemble.json").write_bytes(b"{}")
    for name in ("report.md", "report.html"):
        text = report(run, out=tmp_path / name, lang="en").read_text("utf-8")
        assert "ensemble.json is damaged" in text
    assert "ensemble.json is damaged" in run_html(run, "en")


def test_an_ensemble_has_figures_of_its_predictions_only(tmp_path: Path) -> None:
    run = extended(ensemble(tmp_path / "run", *BOTH))
    names = {path.stem for path in run.figures(tmp_path / "figures")}
    assert names == {"auto-confusion", "auto-reliability"}


def test_a_finished_training_prints_members_and_no_curves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ensemble(tmp_path / "run", *BOTH)
    show_finished(run, "en", as_json=False, quiet=True)
    printed = capsys.readouterr().out
    assert "test accuracy 87.50%" in printed and "gru (5 models" in printed
    assert not (run.folder / "figures").exists()


@pytest.mark.parametrize("held_out", [HeldOut(0, 0.9, 0.9, 0.3), HeldOut(10, 1.5, 0.9, 0.3)])
def test_an_impossible_accuracy_is_a_damaged_file(held_out: HeldOut, tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", *BOTH, tried=6)
    saved = ensemble_of(run)
    assert saved is not None
    write_checksummed(run.folder, ensemble_file(replace(saved, held_out=held_out)))
    with pytest.raises(RunError, match=r"is damaged: accuracy .* held-out documents"):
        ensemble_of(run)


def page_of(run: Run, place: Path, lang: Lang = "en") -> str:
    """The report's page, in its opening language alone."""
    page = report(run, out=place / "report.html", lang=lang).read_text("utf-8")
    other = "vi" if lang == "en" else "en"
    return page.split(f'<div class="report" id="{lang}"')[1].split(f'id="{other}" lang=')[0]


def test_a_linear_classifier_alone_is_not_called_a_network(tmp_path: Path) -> None:
    run = ensemble(
        tmp_path / "run", *ALONE, data="/home/an/data/comments.csv", validation_documents=0
    )
    page = page_of(run, tmp_path)
    assert "Models: 1. Trainings: 1." in page and "Accuracy of each model" in page
    assert "Networks: 1" not in page and "recurrent networks" not in page
    assert '<span class="network-name">linear classifier</span>' in page
    assert "Remarks on the training" in page and "learning curves" not in page
    assert "network reads at most" not in page
    assert "Appendix: recipes" not in page
    assert "Model summary" not in page  # it repeats the table of the members


def test_the_summary_has_the_name_of_the_data_and_no_folder(tmp_path: Path) -> None:
    run = ensemble(
        tmp_path / "run", *ALONE, data="/home/an/data/comments.csv", validation_documents=0
    )
    page = page_of(run, tmp_path)
    before, _ = page.split("How to reproduce this</h2>")
    assert "Data “comments.csv”:" in before and " 0 validation" not in page
    assert "/home/an" not in before


def test_the_recipes_of_an_ensemble_are_those_of_its_networks(tmp_path: Path) -> None:
    run = ensemble(tmp_path / "run", ("linear", 0.75, 1), ("gru", 0.5, 1), ("words", 0.0, 1))
    write_run(run.folder / "members/gru-0", "bai5")
    for name in ("report.html", "report.md"):
        written = report(run, out=tmp_path / name, lang="en").read_text("utf-8")
        text = html.unescape(written)
        assert "auto: gru" in text and 'name = "bai5"' in text
        assert "auto: words" not in text and 'name = "auto"' not in text
