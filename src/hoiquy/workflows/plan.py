"""Several trainings on one data set, each into a run folder.

They run one after the other, or as tasks of Ray, with the same bits. Complete runs are kept and
interrupted ones resumed, so the same command continues an unfinished plan.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource
from hoiquy.errors import RecipeError, RunError
from hoiquy.events import EpochElsewhere, Listener, RunCompleted, RunOpened, UnderWay, ignore
from hoiquy.recipe.recipe import DataTable, Recipe, TextTable
from hoiquy.runs.command_line import command_line
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import Run, load_recipe_of, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.ray.nodes import check_shared
from hoiquy.training.ray.session import Spread, ray_session
from hoiquy.training.ray.tasks import run_tasks, shared
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.recipe_choice import for_labels_of
from hoiquy.workflows.run_start import Engine
from hoiquy.workflows.train import train_or_resume


@dataclass(frozen=True)
class PlannedRun:
    """A recipe with its seed, and the folder of its run."""

    recipe: Recipe
    folder: Path


def with_seeds(recipe: Recipe, seeds: int) -> list[Recipe]:
    """The recipe with its seed and the following ones, `seeds` in all."""
    first = recipe.training.seed
    return [recipe.with_settings([f"training.seed={first + more}"]) for more in range(seeds)]


def plan_recipes(out: Path, recipes: Iterable[Recipe], seeds: int) -> list[PlannedRun]:
    """Runs `<name>-seed<number>` in `out`. Raises RecipeError for recipes of the same name."""
    plan: dict[Path, PlannedRun] = {}
    for recipe in recipes:
        for one in with_seeds(recipe, seeds):
            name = re.sub(r"[^\w.-]+", "-", recipe.name)
            folder = out / f"{name}-seed{one.training.seed}"
            if folder in plan:
                raise RecipeError(
                    f"two recipes are called {recipe.name!r}: rename one of them, or train them "
                    f"into different folders and compare those"
                )
            plan[folder] = PlannedRun(one, folder)
    return list(plan.values())


def run_plan(
    plan: Sequence[PlannedRun],
    dataset: Dataset,
    on_event: Listener = ignore,
    on_run: Callable[[Run, bool], None] = lambda run, trained: None,
    engine: Engine = "hoiquy",
    spread: Spread | None = None,
) -> list[Run]:
    """Train the runs of a plan that are not complete yet.

    Args:
        plan: complete runs of it are kept, interrupted ones resumed.
        dataset: to train on.
        on_event: called with each event.
        on_run: called with each complete run and whether it was trained now.
        engine: of all runs.
        spread: trains several runs at once on Ray; by default this process trains.

    Raises:
        RunError: before any training, if a folder has other files.
        RecipeError: as `Recipe.for_labels`.
    """
    plan = [replace(entry, recipe=for_labels_of(dataset, entry.recipe, on_event)) for entry in plan]
    fingerprint = dataset.fingerprint()
    kept = {entry.folder: _finished(entry, fingerprint) for entry in plan}
    left = [entry for entry in plan if kept[entry.folder] is None]
    if spread is not None and left:
        for done in filter(None, kept.values()):
            on_run(done, False)
        _run_on_ray(left, dataset, on_event, on_run, engine, spread)
        return [kept[entry.folder] or load_run(entry.folder) for entry in plan]
    prepared: dict[tuple[DataTable, TextTable], Prepared] = {}
    runs = []
    for entry in plan:
        run = kept[entry.folder]
        if run is None:
            key = (entry.recipe.data, entry.recipe.text)
            if key not in prepared:
                prepared[key] = prepare(entry.recipe, dataset, on_event)
            experiment = Experiment(entry.recipe, dataset, engine=engine, command=command_line())
            run = train_or_resume(experiment, entry.folder, on_event, prepared[key])
        on_run(run, kept[entry.folder] is None)
        runs.append(run)
    return runs


def accuracy_reporter(say: Callable[[str], None]) -> Callable[[Run, bool], None]:
    """An `on_run` for `run_plan` that prints the test accuracy of each run with `say`."""

    def on_run(run: Run, trained: bool) -> None:
        state = "" if trained else "  (done before)"
        say(f"{run.folder.name}: test accuracy {run.result.test_accuracy or 0:.2%}{state}")

    return on_run


def _run_on_ray(
    plan: Sequence[PlannedRun],
    dataset: Dataset,
    on_event: Listener,
    on_run: Callable[[Run, bool], None],
    engine: Engine,
    spread: Spread,
) -> None:
    """Train a plan as tasks of Ray, and report progress from the run folders."""
    if engine == "hoiquy":
        finish_compiling(on_event)  # or each worker would compile
    watch = _Watch(plan, on_event)

    def ended(number: int, _: None) -> None:
        watch.report(number)
        entry, run = plan[number], load_run(plan[number].folder)
        on_event(RunOpened(entry.folder, run.recipe, tuple(run.history), resumed=True))
        on_event(RunCompleted(entry.folder))
        on_run(run, True)

    with ray_session(spread.where, spread.workers) as session:
        for folder in {entry.folder.parent for entry in plan}:
            check_shared(folder, session.nodes)
        documents, source = shared(dataset), DataSource(dataset).resolved()
        calls = [
            (
                replace(entry, folder=entry.folder.resolve()),
                documents,
                source,
                engine,
                command_line(),
            )
            for entry in plan
        ]
        run_tasks(_train_entry, calls, spread.workers or session.cpus, ended, watch)


def _train_entry(
    entry: PlannedRun, dataset: Dataset, source: DataSource, engine: Engine, command: Sequence[str]
) -> None:
    """In a worker: train, or resume after another worker died, perhaps on another machine."""
    if _finished(entry, dataset.fingerprint()) is None:
        experiment = Experiment(
            entry.recipe, dataset, source, engine, allow_changes=True, command=command
        )
        train_or_resume(experiment, entry.folder)


class _Watch:
    """Reports the epochs that other processes save in the folders of a plan from now on."""

    def __init__(self, plan: Sequence[PlannedRun], on_event: Listener) -> None:
        self._folders, self._on_event = [entry.folder for entry in plan], on_event
        self._epochs = [entry.recipe.training.epochs for entry in plan]
        self._done = [len(_history(folder)[0]) for folder in self._folders]

    def __call__(self, under_way: Sequence[int]) -> None:
        for number in under_way:
            self.report(number)
        what = [f"{self._folders[at].name} {self._done[at]}/{self._epochs[at]}" for at in under_way]
        self._on_event(UnderWay(tuple(what), sum(self._done), sum(self._epochs)))

    def report(self, number: int) -> None:
        """Report the new epochs of a run."""
        folder = self._folders[number]
        history, epochs = _history(folder)
        self._epochs[number] = epochs or self._epochs[number]
        for record in history[self._done[number] :]:
            self._on_event(EpochElsewhere(folder.name, record, self._epochs[number]))
        self._done[number] = len(history)


def _history(folder: Path) -> tuple[list[EpochRecord], int]:
    """The saved epochs of a run, and their planned number; 0 before that is known."""
    try:
        run = load_run(folder)
    except RunError:  # nothing is saved yet
        return [], 0
    return run.history, run.recipe.training.epochs


def _finished(entry: PlannedRun, fingerprint: str) -> Run | None:
    """The complete run in the folder; None if it is empty, or has this run interrupted."""
    folder = entry.folder
    if not (folder / RECIPE).exists():
        create_run_folder(folder)
        return None
    same = load_recipe_of(folder) == entry.recipe
    run = load_run(folder) if (folder / "result.json").exists() else None
    if not same or (run and run.result.data_fingerprint != fingerprint):
        raise RunError(
            f"{folder} has a run of another recipe or other data: choose another --out or delete it"
        )
    return run if run and run.result.status == "complete" else None
