"""One training whose workers Ray has placed."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from hoiquy.distributed import team
from hoiquy.distributed.crew import Crew, gathered
from hoiquy.errors import InputError
from hoiquy.events import Event, StepFinished, WorkerLost
from hoiquy.runs.files import REPEATABLE
from hoiquy.runs.folder import Run
from hoiquy.training.ray.session import Session
from hoiquy.workflows.train import train
from miniatures import miniature, random_dataset


def bits(run: Run) -> list[bytes]:
    return [(run.folder / name).read_bytes() for name in REPEATABLE]


def test_workers_in_the_cluster_give_the_bits_of_one_process_though_one_is_killed(
    ray_here: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crews: list[Crew] = []

    def watched(*arguments: Any) -> Crew:
        crews.append(gathered(*arguments))
        return crews[-1]

    def kill(event: Event) -> None:
        told.append(event)
        if isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 1):
            process = re.search(r"process (\d+)", crews[0].workers[1].name)
            assert process is not None and int(process[1]) != os.getpid()
            os.kill(int(process[1]), signal.SIGKILL)

    monkeypatch.setattr(team, "gathered", watched)
    monkeypatch.setenv("HOIQUY_THREADS", "3")  # else of many processors, more than this Ray has
    told: list[Event] = []
    recipe, data = miniature("strong", "training.epochs=4"), random_dataset()
    run = train(data, recipe, tmp_path / "run", workers=3, ray="auto", on_event=kill)
    assert bits(run) == bits(train(data, recipe, tmp_path / "alone"))
    assert len(crews) == 2 and sum(isinstance(event, WorkerLost) for event in told) == 1


def test_a_ray_that_is_too_small_is_told_at_once(
    ray_here: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_THREADS", "9")
    with pytest.raises(InputError, match="room for 1 of 2 workers with 3 processors each: say"):
        train(random_dataset(), miniature("bai3"), tmp_path / "run", workers=3, ray="auto")
