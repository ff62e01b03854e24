"""Runs that are interrupted, or have lost files, still get a report, which says so."""

from pathlib import Path

import pytest

from hoiquy.errors import RunError
from hoiquy.report.gathering import gather
from page_runs import write_page_run
from page_words import Words, written
from synthetic_runs import learning, write_run

LOST = {
    "predictions.parquet": "holds no predictions.parquet",
    "misclassified.json": "holds no misclassified.json",
    "cost.json": "holds no cost.json",
    "summary.txt": "holds no summary.txt",
}


def words(folder: Path) -> str:
    return Words(written(folder, folder / "report.html")).text("en")


@pytest.mark.parametrize("name", [*LOST, "environment.json", "weights.safetensors"])
def test_a_lost_file_takes_only_its_part_with_it(tmp_path: Path, name: str) -> None:
    write_page_run(tmp_path / "bai3", "bai3", documents=200)
    write_page_run(tmp_path / "bai5", "bai5", documents=200)
    (tmp_path / "bai3" / name).unlink(missing_ok=True)
    english = words(tmp_path)
    assert "Exercise 3" in english
    if name in LOST and name != "misclassified.json":
        assert LOST[name] in english
    if name == "environment.json":
        assert "This run has no environment.json" in english
    assert "Most confident errors" in english  # those of the other one at least


def test_damaged_predictions_are_told(tmp_path: Path) -> None:
    run = write_page_run(tmp_path / "bai3", "bai3", documents=200)
    path = run.folder / "predictions.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    english = words(tmp_path)
    assert "predictions.parquet is damaged" in english
    assert f"{run.result.test_accuracy:.2%}" in english
    assert "Confusion matrix" not in english
    assert "The loss settles" in english  # what can be said without them


def test_interrupted_runs_have_no_test_score(tmp_path: Path) -> None:
    write_run(tmp_path / "bai3", accuracy=None, history=learning()[:4])
    write_run(tmp_path / "bai5", "bai5", accuracy=None, history=[])
    english = words(tmp_path)
    assert english.count("none: the training was interrupted") == 2
    assert "4 of 10" in english
    assert "No epoch was completed" in english
    assert "Comparison" not in english


def test_a_run_without_anything_is_a_page_still(tmp_path: Path) -> None:
    write_run(tmp_path / "bai5", "bai5", accuracy=None, history=[])
    english = words(tmp_path)
    assert "Learning curves of all networks" not in english
    assert "0 of 10" in english


def test_a_run_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    write_page_run(tmp_path / "bai3", "bai3", documents=100)
    (write_run(tmp_path / "bai5", "bai5", documents=100).folder / "result.json").write_text("{")
    english = words(tmp_path)
    assert "Not in this report:" in english
    assert "result.json is damaged" in english


def test_other_data_is_not_compared(tmp_path: Path) -> None:
    write_page_run(tmp_path / "a", "bai3", documents=100)
    write_run(tmp_path / "b", "bai5", documents=100, data="other", data_fingerprint="1" * 64)
    assert "All pairs" not in words(tmp_path)


def test_the_same_training_twice_is_compared_once(tmp_path: Path) -> None:
    write_page_run(tmp_path / "a", "bai3", documents=100)
    write_page_run(tmp_path / "again", "bai3", documents=100)
    write_page_run(tmp_path / "b", "bai5", documents=100)
    assert "all pairs of this table (1)" in words(tmp_path)


def test_gathering_needs_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="neither a run folder nor a folder of runs"):
        gather([tmp_path])
    with pytest.raises(RunError, match="there is no run folder"):
        gather([tmp_path / "nowhere"])
    write_run(tmp_path / "a", documents=100)
    (tmp_path / "a" / "result.json").unlink()
    with pytest.raises(RunError, match=r"has no result\.json"):
        gather([tmp_path])


def test_a_run_that_is_named_twice_is_gathered_once(tmp_path: Path) -> None:
    run = write_run(tmp_path / "runs" / "a", documents=100)
    assert len(gather([run.folder, tmp_path / "runs"]).runs) == 1
