"""Train an ensemble again as its `plan.json` records it, without a clock, and compare the bits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource
from hoiquy.events import Listener
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.files import COST, ENVIRONMENT, PLAN
from hoiquy.runs.folder import load_environment_of, load_recipe_of
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.system.checksummed_files import read_checksummed, read_manifest
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.workflows.ensemble.candidates import Candidate
from hoiquy.workflows.ensemble.files import EnsembleFolder
from hoiquy.workflows.ensemble.plan import PlannedModel, load_plan
from hoiquy.workflows.ensemble.training import EnsembleTraining
from hoiquy.workflows.transfer import Transfer

_UNLIKE = (COST, ENVIRONMENT, PLAN)  # files that equal trainings may have different


@dataclass
class RecordedTraining(EnsembleTraining):
    """Trains the models of the plan of another run and no others, with that run's recipes.

    A recipe there has the last step of a training that ended with its time.
    """

    recorded: Path = Path()

    def _models(self) -> Iterator[PlannedModel]:
        yield from dict.fromkeys(self.plan.models)

    def _fitted(self, candidate: Candidate, model: PlannedModel) -> Recipe:
        recipe = load_recipe_of(self.recorded / MEMBERS / model.folder)
        seed = recipe.training.seed - model.fold  # which `_train` adds
        return recipe.with_settings({"training.seed": seed})


def retrain_ensemble(
    folder: Path, dataset: Dataset, source: DataSource, out: Path, on_event: Listener
) -> list[str]:
    """Train the ensemble of a run again into another folder; returns the files that differ.

    Raises RunError if the run is damaged, or its word vectors or texts have changed.
    """
    plan, recipe = load_plan(folder), load_recipe_of(folder)
    files = EnsembleFolder(create_run_folder(out), recipe, dataset, plan.metric, plan.minutes)
    plan.save(out)
    files.start(source, (), {})
    finish_compiling(on_event)
    transfer = Transfer.of_ensemble(folder, load_environment_of(folder))
    RecordedTraining(files, dataset, plan, None, on_event, transfer, recorded=folder).run()
    files.finish()
    parts = [Path(), *(Path(MEMBERS) / member.name for member in member_folders(folder))]
    return [
        (part / name).as_posix() for part in parts for name in _different(folder / part, out / part)
    ]


def member_folders(folder: Path) -> list[Path]:
    """The folders of the models of a run, with or without a weight; none of a single network.

    An empty folder is left by a process that was killed before it wrote anything.
    """
    folders = [path for path in (folder / MEMBERS).glob("*") if path.is_dir()]
    return sorted(path for path in folders if any(path.iterdir()))


def _different(one: Path, other: Path) -> list[str]:
    names = [name for name in sorted(read_manifest(one)) if name not in _UNLIKE]
    if not other.is_dir():
        return names
    again = read_manifest(other)
    return [
        name
        for name in names
        if name not in again or read_checksummed(one, name) != read_checksummed(other, name)
    ]
