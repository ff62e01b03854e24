"""`hoiquy bench` as users run it, on a recipe that takes no time."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from command_line import PROGRAM, only_line_of_error, run_hoiquy


def test_alone(small_recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run_hoiquy(
        "bench", "--recipe", small_recipe, "--rounds", "2", "--pause", "0", "--out", out, "--json",
        HOIQUY_KERNELS="plain",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    measured = json.loads(result.stdout)
    assert measured == json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert [case["what"] for case in measured["cases"]] == ["training", "layers"]
    assert (out / "training.png").exists()
    assert "Training step" in (out / "bench.md").read_text(encoding="utf-8")


def test_quiet_prints_results_only(small_recipe: Path, tmp_path: Path) -> None:
    result = run_hoiquy(
        "bench", "--recipe", small_recipe, "--what", "layers", "--rounds", "1", "--pause", "0",
        "--out", tmp_path / "out", "--quiet", HOIQUY_KERNELS="plain",
    )  # fmt: skip
    assert result.returncode == 0
    assert result.stderr == ""
    assert "Recurrent layers alone" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--against", "keras-jaxx"], ["'keras-jaxx'", "'keras-jax'", "torch"]),
        (["--recipe", "bai33"], ["'bai33'", "'bai3'"]),
        (["--what", "speed"], ["'speed'", "training"]),
        (["--rounds", "0"], ["--rounds", "0"]),
    ],
)
def test_wrong_input(arguments: list[str], names: list[str]) -> None:
    line = only_line_of_error(run_hoiquy("bench", *arguments), 2)
    for name in names:
        assert name in line


def test_ctrl_c_leaves_no_process(small_recipe: Path, tmp_path: Path) -> None:
    if not Path("/proc/self/task").exists():
        pytest.skip("children of a process are looked up in /proc")
    options = ["--recipe", str(small_recipe), "--rounds", "100000", "--out", str(tmp_path / "out")]
    program = subprocess.Popen(
        [*PROGRAM, "bench", *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"HOIQUY_KERNELS": "plain"},
    )
    workers = wait_for_children(program.pid, 2)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=60)
    assert program.returncode == 1, errors
    assert errors.splitlines()[-1].startswith("hoiquy: stopped by Ctrl-C; ")
    deadline = time.monotonic() + 30  # who inherits the children has to notice that they ended
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_children(process_id: int, count: int) -> list[int]:
    """Process ids of the children, as soon as there are `count`."""
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    for _ in range(600):
        children = [int(word) for word in path.read_text(encoding="ascii").split()]
        if len(children) >= count:
            return children
        time.sleep(0.1)
    raise AssertionError("no worker was started in a minute")
