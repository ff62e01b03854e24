"""`hoiquy resume` and `hoiquy verify`: signals, locks, and what a user reads."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from command_line import PROGRAM, call_hoiquy, only_line_of_error, stop_when
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import load_run
from small_reviews import SMALL
from synthetic_runs import write_run

LONG = ("--set", "training.epochs=40")


@pytest.fixture(scope="module")
def small_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def whole(
    reviews: Path, small_recipe: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The files of a training that nobody stopped."""
    out = tmp_path_factory.mktemp("whole") / "run"
    result = call_hoiquy("train", reviews, "--recipe", small_recipe, "--out", out, *LONG)
    assert result.returncode == 0, result.stderr
    return {name: (out / name).read_bytes() for name in REPEATABLE}


def test_a_complete_run_is_left_as_it_is_with_a_word(tmp_path: Path) -> None:
    write_run(tmp_path / "bai3")
    done = call_hoiquy("resume", tmp_path / "bai3")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{tmp_path / 'bai3'} is complete: nothing is left to resume.")
    assert f"hoiquy predict {tmp_path / 'bai3'}" in done.stderr  # what to do next
    assert "test accuracy" in done.stdout
    assert call_hoiquy("resume", tmp_path / "bai3", "--quiet").stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.process
def test_a_signal_saves_and_names_the_command_that_goes_on(
    number: signal.Signals,
    reviews: Path,
    small_recipe: Path,
    whole: dict[str, bytes],
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    command = ("train", reviews, "--recipe", small_recipe, "--out", out, *LONG)
    code, errors = stop_when(command, lambda: (out / "checkpoint").exists(), number)
    assert code == 128 + number
    name = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
    last = errors.splitlines()[-1]
    assert last.startswith(f"hoiquy: stopped by {name} after epoch ")
    assert last.endswith(f"resume with: hoiquy resume {out}")
    assert load_run(out).result.status == "interrupted"
    result = call_hoiquy("resume", out)
    assert result.returncode == 0, result.stderr
    assert "resuming in epoch " in result.stderr
    assert "test accuracy" in result.stdout
    assert {name: (out / name).read_bytes() for name in REPEATABLE} == whole
    assert (out / "figures" / "loss.png").exists()


@pytest.mark.process
def test_one_folder_is_trained_in_once_at_a_time(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    command = ("train", reviews, "--recipe", small_recipe, "--out", out)
    process = subprocess.Popen(
        [*PROGRAM, *map(str, command), "--set", "training.epochs=100000"], stderr=subprocess.PIPE
    )
    try:
        while not (out / "checkpoint").exists():
            assert process.poll() is None
        message = only_line_of_error(call_hoiquy("resume", out), 2)
        assert f"{out} is in use: process {process.pid} on " in message
        assert "exists already" in only_line_of_error(call_hoiquy(*command), 2)
    finally:
        process.kill()
        process.communicate()
    assert (out / ".lock").exists()  # left by the killed one, and in nobody's way
    before = checkpoint_numbers(out)[0]
    code, errors = stop_when(
        ("resume", out), lambda: max(checkpoint_numbers(out), default=0) > before, signal.SIGINT
    )
    assert code == 130 and errors.splitlines()[-1].startswith("hoiquy: stopped by Ctrl-C after")
    assert not (out / ".lock").exists()


@pytest.mark.process
def test_data_that_disappears_while_training_or_afterwards(
    reviews: Path, small_recipe: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    data, moved, out = tmp_path / "here" / "aclImdb", tmp_path / "moved", tmp_path / "run"
    shutil.copytree(reviews, data)

    def ready() -> bool:
        if (out / "checkpoint").exists() and data.exists():
            data.rename(moved)  # the training goes on: it has read everything
            return False
        return not data.exists() and max(checkpoint_numbers(out), default=0) > 30

    command = ("train", data, "--recipe", small_recipe, "--out", out, *LONG)
    code, errors = stop_when(command, ready, signal.SIGINT)
    assert code == 130 and "stopped by Ctrl-C after epoch" in errors
    message = only_line_of_error(call_hoiquy("resume", out), 2)
    assert str(data) in message and "--data PATH" in message
    result = call_hoiquy("resume", out, "--data", moved)
    assert result.returncode == 0, result.stderr
    other = {name for name in REPEATABLE if (out / name).read_bytes() != whole[name]}
    assert other <= {"result.json"}  # which says where the data set was


def test_resume_of_nothing_says_so(tmp_path: Path) -> None:
    assert "there is no run folder" in only_line_of_error(call_hoiquy("resume", tmp_path / "no"), 2)
    assert "not a run folder" in only_line_of_error(call_hoiquy("resume", tmp_path), 2)


def test_a_mistyped_data_set_leaves_the_folder_free(
    reviews: Path, small_recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    result = call_hoiquy("train", "imdb-trian", "--recipe", small_recipe, "--out", out)
    assert "imdb-train" in only_line_of_error(result, 2)
    assert not out.exists()


@pytest.fixture
def finished(reviews: Path, small_recipe: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "reviews"
    shutil.copytree(reviews, copy)
    out = tmp_path / "run"
    result = call_hoiquy("train", copy, "--recipe", small_recipe, "--out", out)
    assert result.returncode == 0, result.stderr
    return out


def test_verify_reads_and_trains_again(finished: Path) -> None:
    result = call_hoiquy("verify", finished, "--retrain")
    assert result.returncode == 0, result.stdout
    assert "training again gave the same bytes" in result.stdout


def test_verify_finds_a_flipped_bit(finished: Path) -> None:
    path = finished / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    result = call_hoiquy("verify", finished, "--json")
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert not found["ok"] and str(path) in found["problems"][0]


def test_verify_finds_training_that_differs(finished: Path, tmp_path: Path) -> None:
    first = next((tmp_path / "reviews" / "train" / "pos").iterdir())
    first.write_text("quite another review")
    result = call_hoiquy("verify", finished, "--retrain")
    assert result.returncode == 1
    assert "weights.safetensors: training again gave different bytes" in result.stdout
