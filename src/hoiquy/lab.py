"""The lab: five exercises one after the other, each into its own run folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.errors import RunError
from hoiquy.events import Listener, ignore
from hoiquy.experiment import Engine, Experiment
from hoiquy.preparation import Prepared, prepare
from hoiquy.recipe import DataTable, Recipe, TextTable, load_recipe
from hoiquy.run_files import RECIPE
from hoiquy.runs import Run, create_run_folder, load_recipe_of, load_run
from hoiquy.train_run import train_or_resume

EXERCISES = ("bai1", "bai2", "bai3", "bai4", "bai5")


@dataclass(frozen=True)
class LabRun:
    """One training of the lab: a recipe with its seed, and the folder that it goes into."""

    recipe: Recipe
    folder: Path


def plan_lab(out: Path, exercises: Sequence[str], quick: bool, seeds: int) -> list[LabRun]:
    """The trainings of a lab: one folder an exercise, or one an exercise and seed."""
    plan = []
    for name in exercises:
        recipe = load_recipe(f"{name}-quick" if quick else name)
        for seed in range(recipe.training.seed, recipe.training.seed + seeds):
            folder = out / (name if seeds == 1 else f"{name}-seed{seed}")
            plan.append(LabRun(recipe.with_settings([f"training.seed={seed}"]), folder))
    return plan


def run_lab(
    plan: Sequence[LabRun],
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


def _finished(entry: LabRun, fingerprint: str) -> Run | None:
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
