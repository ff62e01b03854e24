"""The run folder: it comes back whole; faults are named in one line."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from example_run import (
    COST,
    DIAGNOSTICS,
    HISTORY,
    MISCLASSIFIED,
    PREDICTIONS,
    RESULT,
    WEIGHTS,
    error_line,
    files_in,
    truncate,
    write_run,
)
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.files import ENVIRONMENT, RECIPE, TEACHER, Result, history_file, result_file
from hoiquy.runs.folder import load_run
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import write_checksummed


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run")


def save(folder: Path, result: Result) -> None:
    write_checksummed(folder, result_file(result))


# --- a run comes back as it was saved


def test_run_comes_back_whole(run_folder: Path) -> None:
    run = load_run(str(run_folder))
    assert run.folder == run_folder
    assert run.recipe == load_recipe("bai3")
    assert run.result == RESULT
    assert run.history == HISTORY
    assert run.environment() == {"command": "hoiquy train", "threads": 2}
    assert run.summary() == "Lớp  Số tham số\n"
    assert run.cost() == COST
    assert run.misclassified() == MISCLASSIFIED
    assert run.diagnostics() == DIAGNOSTICS
    np.testing.assert_array_equal(run.predictions().labels, PREDICTIONS.labels)
    np.testing.assert_array_equal(run.predictions().probabilities, PREDICTIONS.probabilities)
    weights = run.weights()
    assert weights.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(weights[name], array)
        assert weights[name].dtype == array.dtype
        assert weights[name].flags.writeable


def test_only_the_files_of_the_contract_are_written(run_folder: Path) -> None:
    assert files_in(run_folder) == [
        "cost.json",
        "diagnostics.json",
        "environment.json",
        "examples.json",
        "history.jsonl",
        "manifest.json",
        "misclassified.json",
        "predictions.parquet",
        "recipe.toml",
        "result.json",
        "summary.txt",
        "weights.safetensors",
    ]


def test_result_json_is_flat_and_readable(run_folder: Path) -> None:
    text = (run_folder / "result.json").read_text(encoding="utf-8")
    assert json.loads(text) == asdict(RESULT)
    assert "bình luận" in text


# --- an interrupted run


def test_interrupted_run_loads_without_predictions(run_folder: Path) -> None:
    (run_folder / "predictions.parquet").unlink()
    save(run_folder, replace(RESULT, status="interrupted", test_accuracy=None))
    run = load_run(run_folder)
    assert run.result.test_accuracy is None
    message = error_line(run.predictions)
    assert "predictions.parquet" in message
    assert "was interrupted" in message and "hoiquy resume" in message


def test_run_stopped_in_its_first_epoch_has_no_history(run_folder: Path) -> None:
    (run_folder / "history.jsonl").unlink()
    save(run_folder, replace(RESULT, status="interrupted", test_accuracy=None, epochs=0))
    assert load_run(run_folder).history == []


def test_history_may_be_ahead_of_the_result(run_folder: Path) -> None:
    """The history of an epoch is saved before the result: a power cut can fall in between."""
    save(run_folder, replace(RESULT, status="interrupted", test_accuracy=None, epochs=1))
    assert load_run(run_folder).history == HISTORY


# --- a folder for a new run


def test_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    assert create_run_folder(str(tmp_path / "a" / "b")) == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
    create_run_folder(tmp_path / "a" / "b")  # it is still empty


def test_used_folder_is_refused(run_folder: Path) -> None:
    message = error_line(lambda: create_run_folder(run_folder))
    assert str(run_folder) in message
    assert "choose another --out" in message
    assert load_run(run_folder).result == RESULT


def test_a_folder_with_a_teacher_is_used_as_soon_as_its_training_began(tmp_path: Path) -> None:
    teacher = tmp_path / "run" / TEACHER
    teacher.mkdir(parents=True)
    (teacher / ENVIRONMENT).write_text("{}", encoding="utf-8")
    create_run_folder(tmp_path / "run")  # as if a process was killed before it wrote the recipe
    (teacher / RECIPE).write_text("", encoding="utf-8")
    message = error_line(lambda: create_run_folder(tmp_path / "run"))
    assert "choose another --out" in message and "resume" not in message  # an ordinary run
    assert "it contains the runs teacher" in error_line(lambda: load_run(tmp_path / "run"))


def test_file_where_the_folder_should_be(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("precious", encoding="utf-8")
    assert f"{path} is a file" in error_line(lambda: create_run_folder(path))
    assert str(path / "run") in error_line(lambda: create_run_folder(path / "run"))
    assert path.read_text(encoding="utf-8") == "precious"


def test_name_that_no_disk_takes(tmp_path: Path) -> None:
    assert "File name too long" in error_line(lambda: create_run_folder(tmp_path / ("x" * 300)))


@contextmanager
def somebody_without_rights() -> Iterator[None]:
    """Act as a user who may not write; root, who may do everything, becomes nobody meanwhile."""
    if not hasattr(os, "geteuid"):
        pytest.skip("file rights of POSIX are needed")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_parent_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with somebody_without_rights():
            message = error_line(lambda: create_run_folder(tmp_path / "run"))
    finally:
        tmp_path.chmod(0o755)
    assert str(tmp_path / "run") in message
    assert "Permission denied" in message
    assert "choose another --out" in message


# --- what is not a run, or a damaged one


def test_missing_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "none") in error_line(lambda: load_run(tmp_path / "none"))


def test_file_is_not_a_run(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.touch()
    assert f"{path} is a file" in error_line(lambda: load_run(path))


def test_other_folder_is_not_a_run(tmp_path: Path) -> None:
    message = error_line(lambda: load_run(tmp_path))
    assert f"{tmp_path} is not a run folder" in message


def test_folder_of_runs_names_them(tmp_path: Path) -> None:
    for name in ("bai5", "bai3"):
        write_run(tmp_path / name)
    assert "bai3, bai5" in error_line(lambda: load_run(tmp_path))


def test_run_without_a_result_was_cut_off(run_folder: Path) -> None:
    (run_folder / "result.json").unlink()
    message = error_line(lambda: load_run(run_folder))
    assert "result.json" in message
    assert "was interrupted before" in message


@pytest.mark.parametrize("name", ["recipe.toml", "result.json", "history.jsonl"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_truncated_file_is_named(run_folder: Path, name: str, share: float) -> None:
    truncate(run_folder / name, share)
    message = error_line(lambda: load_run(run_folder))
    assert str(run_folder / name) in message


@pytest.mark.parametrize("name", ["recipe.toml", "result.json", "history.jsonl"])
def test_file_that_is_not_text_is_named(run_folder: Path, name: str) -> None:
    write_checksummed(run_folder, {name: b"\xff\xfe\x00"})
    message = error_line(lambda: load_run(run_folder))
    assert f"{run_folder / name} is damaged: not " in message


def test_folder_where_a_file_should_be_is_named(run_folder: Path) -> None:
    (run_folder / "history.jsonl").unlink()
    (run_folder / "history.jsonl").mkdir()
    assert str(run_folder / "history.jsonl") in error_line(lambda: load_run(run_folder))


@pytest.mark.parametrize(
    ("key", "value"),
    [("epochs", "two"), ("status", "done"), ("classes", "neg"), ("test_accuracy", "high")],
)
def test_wrong_value_in_the_result_is_named(run_folder: Path, key: str, value: str) -> None:
    path = run_folder / "result.json"
    write_checksummed(run_folder, {path.name: json.dumps(asdict(RESULT) | {key: value}).encode()})
    message = error_line(lambda: load_run(run_folder))
    assert f"{path} is damaged: {key}" in message


def test_lost_epochs_are_noticed(run_folder: Path) -> None:
    write_checksummed(run_folder, history_file(HISTORY[:1]))
    assert "epochs 1 to 2" in error_line(lambda: load_run(run_folder))
    write_checksummed(run_folder, history_file(HISTORY[1:]))
    assert "history.jsonl" in error_line(lambda: load_run(run_folder))


@pytest.mark.parametrize("content", ["{", "[1]", ""])
def test_damaged_environment_is_named(run_folder: Path, content: str) -> None:
    write_checksummed(run_folder, {"environment.json": content.encode()})
    assert str(run_folder / "environment.json") in error_line(load_run(run_folder).environment)


# --- bytes that were changed


@pytest.mark.parametrize("name", ["recipe.toml", "result.json", "history.jsonl"])
def test_a_changed_letter_is_noticed(run_folder: Path, name: str) -> None:
    path = run_folder / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    assert f"{path} is damaged, or was changed" in error_line(lambda: load_run(run_folder))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sha256": 3}', '{"sha256": {"a": 1}}'])
def test_a_damaged_manifest_is_named(run_folder: Path, content: str) -> None:
    (run_folder / "manifest.json").write_text(content)
    assert str(run_folder / "manifest.json") in error_line(lambda: load_run(run_folder))


def test_a_run_without_its_manifest_is_not_trusted(run_folder: Path) -> None:
    (run_folder / "manifest.json").unlink()
    assert "holds no manifest.json" in error_line(lambda: load_run(run_folder))
