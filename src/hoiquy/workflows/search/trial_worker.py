"""One process of a search: it takes a trial that nobody else has, trains it, and takes the next.

A trial belongs to whoever holds the lock of its run folder. A lock ends with its process, so a
trial that is under way and whose folder nobody has locked was cut off, and is gone on with from its
checkpoint.
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
    """A pruner gives the trial up."""


class _TimeIsUpError(Exception):
    """The trial waits for the next call, with its checkpoint."""


def trial_folder(out: Path, number: int) -> Path:
    """The run folder of a trial."""
    return out / "trials" / f"{number:04}"


def trial_recipe(base: Recipe, trial: Trial | OpenTrial) -> Recipe:
    """What a trial trains. Raises RecipeError if its parameters do not go together."""
    name = f"{base.name}-trial-{trial.number:04}"
    return base.with_settings({**trial.parameters, "name": name})


def kept_accuracy(run: Run) -> float:
    """Validation accuracy of the weights that a run kept: of its best epoch, or its last one."""
    restored = run.recipe.training.early_stopping.restore_best
    epoch = run.result.best_epoch if restored else run.result.epochs
    return run.history[epoch - 1].val_accuracy


@contextmanager
def claiming(out: Path) -> Iterator[None]:
    """Be the only worker of a search, for the moment that choosing a trial takes."""
    try:
        with FileLock(out / CLAIM):
            yield
    except OSError as error:
        raise HoiquyError(f"cannot lock {out}: {error.strerror or error}") from error


@dataclass
class Worker:
    """Does trials in `out` until there are `total`, those of others included.

    dataset: without test documents. source: where it came from, for the run folders. again: the
    command that goes on. until: of `time.monotonic`, when it is to end; None: never. on_trial:
    hears of a trial when it begins and when it has ended.
    """

    study: Study
    out: Path
    base: Recipe
    dataset: Dataset
    source: DataSource
    total: int
    again: str
    command: Sequence[str]
    until: float | None
    checkpoint_seconds: float
    on_event: Listener
    on_trial: OnTrial
    _prepared: dict[tuple[DataTable, TextTable], Prepared] = field(default_factory=dict)

    def work(self) -> None:
        """Do trials until there are enough, or time is up.

        Raises StoppedError and what else `Experiment.run` raises; the trial under way is then gone
        on with by the next worker.
        """
        self.study.expect(self.base.for_documents(len(self.dataset.train)).training.epochs)
        while not self._time_is_up():
            with ExitStack() as held:
                with claiming(self.out):
                    trial = self._claim(held)
                if trial is None:
                    return
                self._do(trial)

    def under_way(self) -> list[Trial]:
        """Trials that other workers train just now."""
        return [
            one
            for one in self.study.trials()
            if one.state == "running" and is_locked(trial_folder(self.out, one.number))
        ]

    def _time_is_up(self) -> bool:
        return self.until is not None and time.monotonic() >= self.until

    def _claim(self, held: ExitStack) -> OpenTrial | None:
        """A trial that was cut off, or a new one, its folder locked; None if there are enough."""
        trials = self.study.trials()
        for one in trials:
            if one.state == "running" and (taken := self._taken_up(one.number, held)):
                return taken
        if sum(one.state in COUNTED for one in trials) >= self.total:
            return None
        trial = self.study.ask()
        held.enter_context(self._locked(trial.number))
        return trial

    def _taken_up(self, number: int, held: ExitStack) -> OpenTrial | None:
        if is_locked(trial_folder(self.out, number)):
            return None
        with ExitStack() as own:
            try:
                own.enter_context(self._locked(number))
            except RunError:  # somebody was quicker
                return None
            if self.study.trials()[number - 1].state != "running":  # it has ended since
                return None
            held.enter_context(own.pop_all())
            return self.study.take_up(number)

    @contextmanager
    def _locked(self, number: int) -> Iterator[None]:
        folder = trial_folder(self.out, number)
        make_folder(folder)
        with locked_folder(folder, lambda: self.again):
            yield

    def _do(self, trial: OpenTrial) -> None:
        """Train a trial, and tell the study how it ended, while its folder is locked."""
        folder = trial_folder(self.out, trial.number)
        self._tell(trial)
        try:
            run = self._train(trial, folder)
        except _TimeIsUpError:
            return
        except _PrunedError:
            remove_checkpoints(folder)
            trial.prune()
        except RunError as error:
            raise RunError(f"{error}; or delete {folder}: the trial then begins anew") from error
        except (DataError, MissingExtraError):
            raise
        except (TrainingError, InputError) as error:  # parameters that cannot be trained with
            trial.prune(str(error))
        else:
            trial.complete(kept_accuracy(run))
        self._tell(trial)

    def _tell(self, trial: OpenTrial) -> None:
        trials = self.study.trials()
        self.on_trial(trials[trial.number - 1], best_of(trials))

    def _train(self, trial: OpenTrial, folder: Path) -> Run:
        recipe = trial_recipe(self.base, trial)
        if (folder / RECIPE).exists() and load_recipe_of(folder) != recipe:
            raise RunError(
                f"{folder} holds another training than trial {trial.number} of this search: "
                f"choose another --out"
            )
        if (folder / RESULT).exists() and (run := load_run(folder)).result.status == "untested":
            return run  # it was cut off before the study was told
        # another worker may take a trial up, on another processor: the run then says so
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
        """A listener that reports epochs to the study, and stops where it or the time says so."""
        history: list[EpochRecord] = []
        epochs = 0

        def hear(event: Event) -> None:
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
                return  # what has come to its end is not cut off any more
            if prunes:
                raise _PrunedError
            if isinstance(event, EpochFinished) and self._time_is_up():
                raise _TimeIsUpError

        return hear

    def _documents(self, recipe: Recipe) -> Prepared:
        """The documents as the recipe reads them; kept for the next trial that reads them alike."""
        key = (recipe.data, recipe.text)
        if key not in self._prepared:
            self._prepared = {}  # before the others are made: two at once need not fit
            self._prepared = {key: prepare(recipe, self.dataset, self.on_event)}
        return self._prepared[key]
