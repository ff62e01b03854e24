"""Workers of a search as tasks of Ray, on one study.

A worker that has died is started again, and resumes its trial.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.errors import InputError
from hoiquy.events import UnderWay, ignore
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.ray.nodes import check_shared
from hoiquy.training.ray.session import Session, Spread
from hoiquy.training.ray.tasks import run_tasks, shared
from hoiquy.workflows.search.space import SearchSpace
from hoiquy.workflows.search.study import Study, best_of, opened_study
from hoiquy.workflows.search.trial_worker import Worker


@dataclass(frozen=True)
class StudyLocation:
    """The location of a study, for `opened_study` in any process."""

    where: str | Path
    name: str
    space: SearchSpace

    @classmethod
    def of(cls, folder: Path, storage: str | None, space: SearchSpace) -> "StudyLocation":
        """The study of a search, in a file of its folder unless a storage is given."""
        path = folder.resolve()
        return cls(storage or path / "study.db", path.name if storage else "search", space)

    def opened(self) -> AbstractContextManager[Study]:
        return opened_study(self.where, self.name, self.space)


def work_on_ray(worker: Worker, place: StudyLocation, spread: Spread, session: Session) -> None:
    """Run copies of a worker on Ray, and report the study's trials.

    Raises InputError for several machines without a database server.
    """
    if len(session.nodes) > 1 and isinstance(place.where, Path):
        raise InputError(
            f"{len(session.nodes)} machines need a study in a database server, such as "
            f"--storage postgresql+psycopg://user@host/db"
        )
    check_shared(worker.out, session.nodes)
    finish_compiling(worker.on_event)  # or each worker would compile
    at_once = min(spread.workers or session.cpus, worker.total)
    settings = {
        "out": worker.out.resolve(), "base": worker.base, "source": worker.source.resolved(),
        "total": worker.total, "again": worker.again, "command": worker.command,
        "checkpoint_seconds": worker.checkpoint_seconds,
    }  # fmt: skip
    ends = None if worker.until is None else time.time() + worker.until - time.monotonic()
    call = (shared(worker.dataset), settings, place, ends)
    run_tasks(_work, [call] * at_once, at_once, meanwhile=_Watch(worker))


def _work(
    dataset: Dataset, settings: Mapping[str, Any], place: StudyLocation, ends: float | None
) -> None:
    """In a worker process: run trials. ends: of `time.time`, which machines share."""
    until = None if ends is None else time.monotonic() + ends - time.time()
    with place.opened() as study:
        Worker(
            study, dataset=dataset, until=until, on_event=ignore, on_trial=lambda trial, best: None,
            **settings,
        ).work()  # fmt: skip


class _Watch:
    """Reports the trials that other processes start and end from now on."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._states = {one.number: one.state for one in worker.study.trials()}

    def __call__(self, under_way: Sequence[int]) -> None:
        trials = self._worker.study.trials()
        best = best_of(trials)
        for trial in trials:
            before, self._states[trial.number] = self._states.get(trial.number), trial.state
            if before is None and trial.state != "running":  # it started and ended since
                self._worker.on_trial(replace(trial, state="running"), best)
            if before != trial.state:
                self._worker.on_trial(trial, best)
        open_ones = [trial for trial in trials if trial.state == "running"]
        what = [f"{trial.number}: {len(trial.accuracies)}" for trial in open_ones]
        ended = len(trials) - len(open_ones)
        self._worker.on_event(UnderWay(tuple(what), ended, self._worker.total))
