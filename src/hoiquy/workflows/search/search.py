"""Search for better settings of a recipe: what `hoiquy search` does."""

import hashlib
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from filelock import FileLock

from hoiquy.callbacks.notebook import default_listener
from hoiquy.comparison import compare_runs
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import DataSource
from hoiquy.errors import InputError, RunError, TrainingError
from hoiquy.events import Listener
from hoiquy.messages import Lang, default_language
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.command_line import command_line
from hoiquy.runs.files import RECIPE
from hoiquy.system.atomic_write import make_folder, write_text
from hoiquy.system.signals import with_resume_hint
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.ray.session import Spread, ray_session
from hoiquy.workflows.plan import plan_recipes, run_plan
from hoiquy.workflows.read_data import read_data
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.search.on_ray import StudyLocation, work_on_ray
from hoiquy.workflows.search.results import COMPARISON, Found, write_outcome
from hoiquy.workflows.search.space import SearchSpace, load_space
from hoiquy.workflows.search.study import OnTrial, Study, best_of, check_installed
from hoiquy.workflows.search.trial_worker import Worker, claiming, trial_recipe

TRIALS, SEEDS = 20, 3
_ID, _ENDING = "search.id", ".outcome.lock"  # files in the folder
_SEED = "training.seed"


class OptionalSearchOptions(TypedDict, total=False):
    """The fields of `SearchOptions` as keywords."""

    trials: int
    seeds: int
    storage: str | None
    minutes: float | None
    checkpoint_seconds: float
    on_event: Listener | None
    on_trial: OnTrial
    lang: Lang | None
    ray: str | None
    workers: int | None


@dataclass(frozen=True)
class SearchOptions:
    """How a search is run.

    Args:
        trials: in all: pruned ones, those of earlier calls and of other workers included.
        seeds: how often the best recipe and the first one are trained with seeds that no trial
            had, to be compared on the test documents; 0 for no comparison.
        storage: a database, as SQLAlchemy writes it; by default a file in the folder.
        minutes: after which no trial starts.
        checkpoint_seconds: the longest time between two checkpoints within an epoch.
        on_event: called with each event.
        on_trial: called when a trial starts or ends, with it and the best one.
        lang: the language of the figures.
        ray: do several trials at once on Ray: "auto", or HOST:PORT of a cluster.
        workers: how many at once; by default one a processor.
    """

    trials: int = TRIALS
    seeds: int = SEEDS
    storage: str | None = None
    minutes: float | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    on_event: Listener | None = None
    on_trial: OnTrial = lambda trial, best: None
    lang: Lang | None = None
    ray: str | None = None
    workers: int | None = None


def search(
    data: Any,
    space: str | Path | Mapping[str, Any] | SearchSpace,
    out: str | Path,
    *,
    recipe: str | Path | Recipe | None = None,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    **how: Unpack[OptionalSearchOptions],
) -> Found:
    """Try settings of a recipe, each in a run folder in `out`, and compare the best with the first.

    Trials are compared by the validation accuracy of the weights that they keep; none reads a test
    document. A second call continues the search.

    Args:
        data: as in `train`.
        space: a space file, or its tables.
        out: the folder of the trials.
        recipe: by default the space's, else "auto".
        options: as in `train`.
        test: as in `train`.
        validation: as in `train`.
        **how: see `SearchOptions`.

    Raises:
        MissingExtraError: without Optuna.
        RecipeError: for a space that does not fit the recipe.
        RunError: if `out` has another space, recipe or data, or no trial is complete.
    """
    check_installed()
    chosen, folder = SearchOptions(**how), Path(out)
    spread = Spread.from_options(chosen.ray, chosen.workers)
    until = None if chosen.minutes is None else time.monotonic() + 60 * chosen.minutes
    wanted, called, choice = _checked(space, recipe, chosen.trials, chosen.seeds)
    on_event = chosen.on_event or default_listener()
    again = shlex.join(command_line()) or "the same call of hoiquy.search"
    with with_resume_hint(again), _opened(folder, chosen.storage, wanted) as study:
        source = DataSource(data, options, test, validation)
        dataset = read_data(source, "hoiquy", on_event)
        base = choice.fitted(dataset.without_test(), on_event)
        worker = Worker(
            study, folder, base, dataset.without_test(), source,
            min(chosen.trials, wanted.combinations or chosen.trials), again, command_line(), until,
            chosen.checkpoint_seconds, on_event, chosen.on_trial,
        )  # fmt: skip
        wanted.check_against(base, called)  # again, as "auto" depends on the data
        _record_identity(worker, wanted)
        location = StudyLocation.of(folder, chosen.storage, wanted)
        lang = chosen.lang or default_language()
        if spread is None:
            worker.work()
            return _results(worker, wanted, dataset, chosen.seeds, lang, None)
        with ray_session(spread.where, spread.workers) as session:  # for the comparison, too
            work_on_ray(worker, location, spread, session)
            return _results(worker, wanted, dataset, chosen.seeds, lang, spread)


def _checked(
    space: str | Path | Mapping[str, Any] | SearchSpace,
    recipe: str | Path | Recipe | None,
    trials: int,
    seeds: int,
) -> tuple[SearchSpace, str, RecipeChoice]:
    """The validated space, its name, and the choice of the recipe to start from."""
    if trials < 1 or seeds < 0:
        raise InputError(
            f"{trials} trials, {seeds} seeds: expected 1 or more trials, 0 or more seeds"
        )
    wanted, called = load_space(space)
    choice = RecipeChoice(recipe or wanted.recipe or auto_recipe.NAME)
    wanted.check_against(choice.named or load_recipe(auto_recipe.NAME), called)
    return wanted, called, choice


@contextmanager
def _opened(folder: Path, storage: str | None, space: SearchSpace) -> Iterator[Study]:
    """Open the study and make its folder; one worker at a time creates its tables."""
    if (folder / RECIPE).exists():
        raise RunError(f"{folder} is a run folder: choose another --out for the search")
    make_folder(folder)
    with ExitStack() as held:
        with claiming(folder):
            study = held.enter_context(StudyLocation.of(folder, storage, space).opened())
        yield study


def _record_identity(worker: Worker, space: SearchSpace) -> None:
    """Record space, recipe and data in the study. Raises RunError if they have changed."""
    with claiming(worker.out):
        identity = {
            "space": _sha256(space.model_dump_json(exclude={"recipe"})),
            "recipe": _sha256(worker.base.to_toml()),
            "data": worker.dataset.fingerprint(),
            "folder": _id_of(worker.out),
        }
        worker.study.begin(identity)


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def _id_of(folder: Path) -> str:
    """A unique name of the folder, independent of its path, made on first use."""
    path = folder / _ID
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        write_text(path, secrets.token_hex(16))
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read {path}: delete it, or choose another --out") from error


def _results(
    worker: Worker,
    space: SearchSpace,
    dataset: Dataset,
    seeds: int,
    lang: Lang,
    spread: Spread | None,
) -> Found:
    """The results; compared and written unless other workers are still training."""
    others = len(worker.under_way())
    found = _found(worker, others)
    if others:
        return found
    with FileLock(worker.out / _ENDING):  # if two workers end at once, the second reuses the runs
        if seeds:
            found = _with_comparison(worker, found, space, dataset, seeds, spread)
        write_outcome(found, lang)
    return found


def _found(worker: Worker, under_way: int) -> Found:
    """Raises RunError if no trial is complete."""
    trials = worker.study.trials()
    best = best_of(trials)
    if best is None:
        why = next((trial.reason for trial in trials if trial.reason), "too little time")
        raise RunError(
            f"none of {len(trials)} trials in {worker.out} was finished ({why}): allow more "
            f"--trials or --minutes, or narrow the space"
        )
    recipe = trial_recipe(worker.base, best)
    importances = worker.study.importances()
    return Found(
        worker.out, worker.base, recipe, best, tuple(trials), importances, under_way=under_way
    )


def _with_comparison(
    worker: Worker,
    found: Found,
    space: SearchSpace,
    dataset: Dataset,
    seeds: int,
    spread: Spread | None,
) -> Found:
    """Compare the best recipe with the base, with seeds that no trial uses.

    If such a training fails, its error is recorded instead.
    """
    tried = space.space[_SEED].ends() if _SEED in space.space else []
    fresh = 1 + max([found.base.training.seed, *map(int, tried)])
    recipes = [one.with_settings({_SEED: fresh}) for one in (found.recipe, found.base)]
    plan = plan_recipes(worker.out / COMPARISON, recipes, seeds)
    try:
        runs = run_plan(plan, dataset, worker.on_event, spread=spread)
    except TrainingError as error:
        return replace(found, failed=str(error))
    return replace(found, comparison=compare_runs(runs))
