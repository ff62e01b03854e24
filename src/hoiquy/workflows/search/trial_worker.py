"""A process of a search: it claims a trial, trains it, and claims the next one.

A trial belongs to the process that holds the lock of its run folder. Locks end with their process,
so a running trial without a lock was interrupted, and is resumed from its checkpoint.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource
from hoiquy.errors import (
    DataError,
    HoiquyError,
    InputError,
    MissingExtraError,
    RunError,
    TrainingError,
)
from hoiquy.events import EpochFinished, Event, Listener, RunOpened
from hoiquy.recipe.recipe import DataTable, Recipe, TextTable
from hoiquy.runs.checkpoint import remove_checkpoints
from hoiquy.runs.files import RECIPE, RESULT, TRIAL
from hoiquy.runs.folder import Run, load_recipe_of, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.system.atomic_write import make_folder
from hoiquy.system.file_lock import is_locked
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.search.study import OnTrial, OpenTrial, Study, Trial, best_of

COUNTED = ("complete", "pruned", "running")  # towards the number of trials
CLAIM = ".claim.lock"


class _PrunedError(Exception):
    """A pruner ends the trial."""


class _TimeIsUpError(Exception):
    """Time is up; the next call resumes the trial from its checkpoint."""


def trial_folder(out: Path, number: int) -> Path:
    """The run folder of a trial."""
    return out / "trials" / f"{number:04}"


def trial_recipe(base: Recipe, trial: Trial | OpenTrial) -> Recipe:
    """The recipe of a trial. Raises RecipeError if its parameters are incompatible."""
    name = f"{base.name}-trial-{trial.number:04}"
    return base.with_settings({**trial.parameters, "name": name})


def kept_accuracy(run: Run) -> float:
    """Validation accuracy of a run's weights, those of its best or its last epoch."""
    restored = run.recipe.training.early_stopping.restore_best
    epoch = run.result.best_epoch if restored else run.result.epochs
    return run.history[epoch - 1].val_accuracy


@contextmanager
def claiming(out: Path) -> Iterator[None]:
    """Lock a search while a worker claims a trial."""
    try:
        with FileLock(out / CLAIM):
            yield
    except OSError as error:
        raise HoiquyError(f"cannot lock {out}: {error.strerror or error}") from error


@dataclass
class Worker:
    """Runs trials in `out` until there are `total`, those of other workers included."""

    study: Study
    out: Path
    base: Recipe
    dataset: Dataset  # without test documents
    source: DataSource  # of the data set, for the run folders
    total: int
    again: str  # the command that resumes
    command: Sequence[str]
    until: float | None  # of `time.monotonic`, when to stop; None: never
    checkpoint_seconds: float
    on_event: Listener
    on_trial: OnTrial
    _prepared: dict[tuple[DataTable, TextTable], Prepared] = field(default_factory=dict)

    def work(self) -> None:
        """Run trials until there are enough, or time is up.

        Raises StoppedError and other errors of `Experiment.run`; the next worker then resumes the
        trial.
        """
        self.study.expect(self.base.for_documents(len(self.dataset.train)).training.epochs)
        while not self._time_is_up():
            with ExitStack() as held:
                with claiming(self.out):
                    trial = self._claim(held)
                if trial is None:
                    return
                self._run(trial)

    def under_way(self) -> list[Trial]:
        """The trials that other workers are training."""
        return [
            one
            for one in self.study.trials()
            if one.state == "running" and is_locked(trial_folder(self.out, one.number))
        ]

    def _time_is_up(self) -> bool:
        return self.until is not None and time.monotonic() >= self.until

    def _claim(self, held: ExitStack) -> OpenTrial | None:
        """An interrupted or a new trial, its folder locked; None if there are enough."""
        trials = self.study.trials()
        for one in trials:
            if one.state == "running" and (resumed := self._resumed(one.number, held)):
                return resumed
        if sum(one.state in COUNTED for one in trials) >= self.total:
            return None
        trial = self.study.ask()
        held.enter_context(self._locked(trial.number))
        return trial

    def _resumed(self, number: int, held: ExitStack) -> OpenTrial | None:
        if is_locked(trial_folder(self.out, number)):
            return None
        with ExitStack() as own:
            try:
                own.enter_context(self._locked(number))
            except RunError:  # another worker was faster
                return None
            if self.study.trials()[number - 1].state != "running":  # it has ended since
                return None
            held.enter_context(own.pop_all())
            return self.study.resume(number)

    @contextmanager
    def _locked(self, number: int) -> Iterator[None]:
        folder = trial_folder(self.out, number)
        make_folder(folder)
        with locked_folder(folder, lambda: self.again):
            yield

    def _run(self, trial: OpenTrial) -> None:
        """Train a trial and report its end to the study, while its folder is locked."""
        folder = trial_folder(self.out, trial.number)
        self._notify(trial)
        try:
            run = self._train(trial, folder)
        except _TimeIsUpError:
            return
        except _PrunedError:
            remove_checkpoints(folder)
            trial.prune()
        except RunError as error:
            raise RunError(f"{error}; or delete {folder} to start the trial again") from error
        except (DataError, MissingExtraError):
            raise
        except (TrainingError, InputError) as error:  # parameters that cannot be trained with
            trial.prune(str(error))
        else:
            trial.complete(kept_accuracy(run))
        self._notify(trial)

    def _notify(self, trial: OpenTrial) -> None:
        trials = self.study.trials()
        self.on_trial(trials[trial.number - 1], best_of(trials))

    def _train(self, trial: OpenTrial, folder: Path) -> Run:
        recipe = trial_recipe(self.base, trial)
        if (folder / RECIPE).exists() and load_recipe_of(folder) != recipe:
            raise RunError(
                f"{folder} has another training than trial {trial.number} of this search: choose "
                f"another --out"
            )
        if (folder / RESULT).exists() and (run := load_run(folder)).result.status == "untested":
            return run  # it was interrupted before reporting to the study
        # a worker on another processor may resume a trial: the run then records the change
        experiment = Experiment(
            recipe,
            self.dataset,
            self.source,
            checkpoint_seconds=self.checkpoint_seconds,
            allow_changes=True,
            command=self.command,
            facts={TRIAL: self.again},
        )
        return experiment.run(folder, self._documents(recipe), self._listening(trial))

    def _listening(self, trial: OpenTrial) -> Listener:
        """A listener that reports epochs to the study, and stops on pruning or timeout."""
        history: list[EpochRecord] = []
        epochs = 0

        def on_event(event: Event) -> None:
            nonlocal epochs
            self.on_event(event)
            if isinstance(event, RunOpened):
                history[:] = event.history
                epochs = event.recipe.training.epochs
            elif isinstance(event, EpochFinished):
                history.append(event.record)
            else:
                return
            prunes = trial.report(history)
            if not history or history[-1].epoch == epochs:
                return  # a finished training is not stopped
            if prunes:
                raise _PrunedError
            if isinstance(event, EpochFinished) and self._time_is_up():
                raise _TimeIsUpError

        return on_event

    def _documents(self, recipe: Recipe) -> Prepared:
        """The encoded documents, cached for the next trial with the same encoding."""
        key = (recipe.data, recipe.text)
        if key not in self._prepared:
            self._prepared = {}  # first, as two at once may not fit into memory
            self._prepared = {key: prepare(recipe, self.dataset, self.on_event)}
        return self._prepared[key]
