"""Several trainings on one data set, one after the other, each into a run folder of its own.

What is done already is kept, and what was interrupted goes on: the same command, given again,
finishes what the last one left.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RecipeError, RunError
from hoiquy.events import Listener, ignore
from hoiquy.experiment import Experiment
from hoiquy.preparation import Prepared, prepare
from hoiquy.recipe import DataTable, Recipe, TextTable
from hoiquy.run_beginning import Engine
from hoiquy.run_files import RECIPE
from hoiquy.runs import Run, create_run_folder, load_recipe_of, load_run
from hoiquy.train_run import train_or_resume


@dataclass(frozen=True)
class PlannedRun:
    """One training: a recipe with its seed, and the folder that it goes into."""

    recipe: Recipe
    folder: Path


def with_seeds(recipe: Recipe, seeds: int) -> list[Recipe]:
    """The recipe with its own seed and those that follow, `seeds` in all."""
    first = recipe.training.seed
    return [recipe.with_settings([f"training.seed={first + more}"]) for more in range(seeds)]


def plan_recipes(out: Path, recipes: Iterable[Recipe], seeds: int) -> list[PlannedRun]:
    """The trainings of several recipes: `<name>-seed<number>` in `out`.

    Raises RecipeError if two recipes would go into the same folders.
    """
    plan: dict[Path, PlannedRun] = {}
    for recipe in recipes:
        for one in with_seeds(recipe, seeds):
            name = re.sub(r"[^\w.-]+", "-", recipe.name)
            folder = out / f"{name}-seed{one.training.seed}"
            if folder in plan:
                raise RecipeError(
                    f"two recipes are called {recipe.name!r}: give one of them another name, or "
                    f"train them into folders of their own and compare those"
                )
            plan[folder] = PlannedRun(one, folder)
    return list(plan.values())


def run_plan(
    plan: Sequence[PlannedRun],
    dataset: Dataset,
    on_event: Listener = ignore,
    on_run: Callable[[Run, bool], None] = lambda run, trained: None,
    engine: Engine = "hoiquy",
    command: Sequence[str] = (),
) -> list[Run]:
    """Train what the plan holds and is not done yet; `on_run(run, trained)` hears of each.

    A run that is complete, of the same recipe on the same data, is kept; one that was interrupted
    goes on. Raises RunError, before anything is trained, if a folder holds anything else.
    """
    fingerprint = dataset.fingerprint()
    kept = {entry.folder: _finished(entry, fingerprint) for entry in plan}
    prepared: dict[tuple[DataTable, TextTable], Prepared] = {}
    runs = []
    for entry in plan:
        run = kept[entry.folder]
        if run is None:
            key = (entry.recipe.data, entry.recipe.text)
            if key not in prepared:
                prepared[key] = prepare(entry.recipe, dataset, on_event)
            experiment = Experiment(entry.recipe, dataset, engine)
            run = train_or_resume(experiment, entry.folder, on_event, prepared[key], command)
            on_run(run, True)
        else:
            on_run(run, False)
        runs.append(run)
    return runs


def _finished(entry: PlannedRun, fingerprint: str) -> Run | None:
    """The complete run in the folder; None if there is nothing, or this one, interrupted."""
    folder = entry.folder
    if not (folder / RECIPE).exists():
        create_run_folder(folder)
        return None
    same = load_recipe_of(folder) == entry.recipe
    run = load_run(folder) if (folder / "result.json").exists() else None
    if not same or (run and run.result.data_fingerprint != fingerprint):
        raise RunError(
            f"{folder} holds a run of another recipe or other data: "
            f"choose another --out, or delete it"
        )
    return run if run and run.result.status == "complete" else None
