"""`--workers` from the command line: stopped, killed, resumed with other numbers of processes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import PROGRAM
from hoiquy.errors import InputError
from hoiquy.events import Event, StepFinished
from hoiquy.runs.checkpoint import checkpoint_numbers
from hoiquy.runs.files import REPEATABLE
from hoiquy.workflows.train import resume, train
from miniatures import miniature, random_dataset
from small_reviews import SMALL, write_reviews

SECONDS = 60


class Stopped(BaseException):
    """Stands for a process that ends: nothing in hoiquy catches it."""


def stop_after(steps: int) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        nonlocal steps
        steps -= isinstance(event, StepFinished)
        if steps == 0:
            raise Stopped

    return listen


def bits(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPEATABLE}


def test_it_goes_on_with_any_number_of_processes(tmp_path: Path) -> None:
    recipe, data = miniature("strong", "training.epochs=3"), random_dataset()
    whole = train(data, recipe, tmp_path / "whole").folder
    run = tmp_path / "run"
    with pytest.raises(Stopped):
        train(data, recipe, run, on_event=stop_after(2), checkpoint_seconds=0)
    with pytest.raises(Stopped):
        resume(run, data=data, workers=3, on_event=stop_after(3), checkpoint_seconds=0)
    assert bits(resume(run, data=data, workers=2).folder) == bits(whole)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"engine": "keras", "workers": 2}, "workers go with hoiquy's own engine"),
        ({"workers": 0}, "workers=0: expected 1 or more"),
        ({"ray": "auto"}, "say --workers 2 or more with it"),
    ],
)
def test_what_does_not_go_together_is_refused(
    options: dict[str, Any], line: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(InputError, match=line):
        train(random_dataset(), "bai3", out, **options)
    assert not out.exists()


def children(process: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def has_ended(process: int) -> bool:
    """Whether it is gone, or a zombie that only waits for somebody to look at it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_and_nothing_is_lost(sent: signal.Signals, tmp_path: Path) -> None:
    data, recipe, run = tmp_path / "data", tmp_path / "small.toml", tmp_path / "run"
    write_reviews(data, 40)
    recipe.write_text(SMALL.replace("epochs = 3", "epochs = 500"))
    arguments = ["train", data, "--recipe", recipe, "--workers", "2", "--out", run]
    process = subprocess.Popen(
        [*PROGRAM, *map(str, arguments), "--checkpoint-minutes", "0"],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with process:
        wait_until(lambda: len(checkpoint_numbers(run)) > 1 or process.poll() is not None)
        workers = children(process.pid)
        assert len(workers) == 1
        if sent == signal.SIGINT:  # as a terminal does: to all of them
            os.killpg(process.pid, sent)
        else:
            process.send_signal(sent)
        errors = process.communicate(timeout=SECONDS)[1]
    wait_until(lambda: all(map(has_ended, workers)))
    assert checkpoint_numbers(run)
    if sent == signal.SIGINT:
        last = errors.splitlines()[-1]
        assert process.returncode == 1 and f"go on with: hoiquy resume {run}" in last
        assert "starting others" not in errors
