"""The fitted state of an estimator that trained an ensemble: its run folder, as bytes."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource
from hoiquy.errors import RunError, StoppedError
from hoiquy.events import Listener
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.runs.ensemble import ENSEMBLE, MEMBERS, Metric, load_ensemble
from hoiquy.runs.files import (
    COST,
    ENVIRONMENT,
    PLAN,
    RECIPE,
    RESULT,
    Contents,
    environment_file,
    parse_environment,
    result_file,
    summary_file,
)
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.history import EpochRecord
from hoiquy.system.atomic_write import make_folder
from hoiquy.system.checksummed_files import read_checksummed, read_manifest, write_checksummed
from hoiquy.workflows.ensemble.files import summary
from hoiquy.workflows.ensemble.held_out import HELD_OUT
from hoiquy.workflows.ensemble.plan import has_plan, load_plan
from hoiquy.workflows.ensemble.start import start_ensemble
from hoiquy.workflows.recipe_choice import RecipeChoice

_NAME = re.compile(rf"({MEMBERS}/[\w-]+/)?\w[\w.-]*", re.ASCII)  # of a file below the run folder


@dataclass(frozen=True, eq=False)
class FittedEnsemble:
    """A trained ensemble.

    Attributes:
        predictor: The ensemble in memory.
        contents: The files of its run folder by their path in it, without those of the data.
        history: Empty, as its networks have one each.
        passes: 0, for the same reason.
    """

    predictor: EnsemblePredictor
    contents: Contents
    history: list[EpochRecord] = field(default_factory=list)
    passes: int = 0

    @classmethod
    def train(
        cls,
        dataset: Dataset,
        choice: RecipeChoice,
        metric: Metric,
        small: bool,
        listener: Listener,
    ) -> "FittedEnsemble":
        """Train in a temporary folder, which is removed in any case.

        Args:
            dataset: Without test documents.
            choice: The recipe "auto" with the settings of the networks, and the time available.
            metric: What is aimed at.
            small: Whether only a small linear classifier is trained.
            listener: Hears of the training.

        Raises:
            KeyboardInterrupt: After Ctrl-C or SIGTERM.
        """
        with tempfile.TemporaryDirectory(prefix="hoiquy-ensemble-") as place:
            folder = Path(place)  # unlocked: no other process knows it
            try:
                start_ensemble(
                    folder, dataset, DataSource(dataset), choice, listener, metric, small
                )
            except StoppedError:  # its message says how to resume in the folder
                raise KeyboardInterrupt from None
            return cls.saved(load_run(folder))

    @classmethod
    def saved(cls, run: Run) -> "FittedEnsemble":
        """Read a run of an ensemble, which has no test score then. Raises RunError."""
        predictor = EnsemblePredictor.from_run(run)
        untested = replace(
            run.result,
            status="untested",
            official_test=False,
            test_documents=0,
            test_accuracy=None,
            test_loss=None,
            test_macro_f1=None,
            parameters=predictor.parameter_count,
        )
        names = [RECIPE, ENSEMBLE, ENVIRONMENT, COST, *([PLAN] if has_plan(run.folder) else [])]
        contents = {name: read_checksummed(run.folder, name) for name in names}
        contents |= _files_of_members(run) | summary_file(summary(predictor))
        return cls(predictor, contents | result_file(untested))

    @classmethod
    def of_files(cls, files: Mapping[str, bytes], source: str) -> "FittedEnsemble":
        """Rebuild the state from `files()`; `source` names it in errors. Raises RunError."""
        strange = [name for name in files if _NAME.fullmatch(name) is None]
        if strange:
            raise RunError(f"{source} is damaged: {strange[0]!r} is no file of an ensemble")
        with tempfile.TemporaryDirectory(prefix="hoiquy-ensemble-") as folder:
            _write(Path(folder), files)
            try:
                return cls.saved(load_run(folder))
            except RunError as error:
                raise RunError(str(error).replace(folder, source)) from error

    def files(self) -> Contents:
        """Return the files of a run folder by their path in it."""
        return self.contents

    def save(self, folder: Path, notes: Mapping[str, Any]) -> None:
        """Write a run into an empty folder; `notes` go into `environment.json`."""
        environment = parse_environment(self.contents[ENVIRONMENT], ENVIRONMENT)
        _write(folder, self.contents | environment_file(environment | dict(notes)))


def trained_parameters(run: Run) -> dict[str, Any]:
    """Return the parameters of an estimator that trains such an ensemble again.

    An ensemble that was trained without a limit of time has no such parameters but the seed.
    """
    if not has_plan(run.folder):
        return {}
    plan = load_plan(run.folder)
    found: dict[str, Any] = {}
    for candidate in plan.candidates():
        found["random_state"] = candidate.recipe.training.seed  # the same for all
    if plan.minutes is not None:
        found |= {"minutes": plan.minutes, "metric": plan.metric, "small": not plan.networks}
    return found


def _files_of_members(run: Run) -> Contents:
    """The files of the models that have predicted, by their path in the run folder."""
    ensemble = load_ensemble(run.folder, len(run.result.classes))
    found: dict[str, bytes] = {}
    for model in (name for member in ensemble.members for name in member.models):
        place = run.folder / MEMBERS / model
        for name in read_manifest(place):
            if name != HELD_OUT:
                found[f"{MEMBERS}/{model}/{name}"] = read_checksummed(place, name)
    return found


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the models, then the files of the run; its result comes last."""
    places: dict[str, dict[str, bytes]] = {}
    for path, content in contents.items():
        place, _, name = path.rpartition("/")
        places.setdefault(place, {})[name] = content
    for place in sorted(places, reverse=True):  # "" last
        make_folder(folder / place)
        files = places[place]
        result = {name: files.pop(name) for name in [RESULT] if name in files}
        write_checksummed(folder / place, files | result)
