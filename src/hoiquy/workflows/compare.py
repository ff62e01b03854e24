"""Compare runs, or train recipes and compare those: what `hoiquy compare` does."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from hoiquy.callbacks.loggers import logged
from hoiquy.callbacks.notebook import default_listener
from hoiquy.comparison import Comparison, compare_runs
from hoiquy.comparison.baselines.saved import Baseline
from hoiquy.comparison.baselines.tokens import tokens_of
from hoiquy.comparison.baselines.training import kept_baselines, train_baselines
from hoiquy.comparison.collection import BASELINES, run_folders
from hoiquy.data import Dataset, load_dataset
from hoiquy.data.imdb.locate import find_imdb
from hoiquy.data.source import data_source_of_run
from hoiquy.errors import DataError, HoiquyError, InputError, RunError
from hoiquy.events import Listener, reading
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.files import TRIAL
from hoiquy.runs.folder import Run, load_run
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.training.ray.session import Spread
from hoiquy.workflows.plan import accuracy_reporter, plan_recipes, run_plan
from hoiquy.workflows.training_options import OptionalTrainingOptions, TrainingOptions

SEEDS = 3  # trainings of a recipe by default

Note = Callable[[str], None]


def compare(
    *runs: str | Path | Run,
    recipes: Sequence[str | Path | Recipe] = (),
    data: str | Path | Dataset | None = None,
    seeds: int = SEEDS,
    settings: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    baselines: bool = True,
    on_note: Note = lambda note: None,
    **training: Unpack[OptionalTrainingOptions],
) -> Comparison:
    """Compare networks with each other and with baselines, on the same test documents.

    Args:
        *runs: runs, run folders, or folders of runs.
        recipes: instead of runs: each is trained into `out`; complete runs there are kept.
        data: the data set to train on, or, for runs, where their data set is if it has moved.
        seeds: the number of trainings of a recipe.
        settings: changes to the recipes.
        out: the folder of the runs and of the baselines.
        baselines: train the baselines on the tokens of the runs, and compare with them.
        on_note: called with what was kept or left out.
        **training: `engine`, `on_event`, `log`, `ray` and `workers` of `TrainingOptions`; Ray
            trains several recipes and seeds at once.

    Raises:
        InputError: for runs and recipes at once, or neither.
        RunError: if there is nothing to compare with, or the runs are of different data.
    """
    chosen = TrainingOptions(**training)
    chosen.allow("compare", "engine", "on_event", "log", "ray", "workers")
    on_event = chosen.on_event or default_listener()
    folder = None if out is None else Path(out)
    if bool(runs) == bool(recipes):
        raise InputError("give either runs to compare, or recipes to train and compare")
    if runs and (chosen.ray is not None or chosen.workers is not None):
        raise InputError("ray and workers train recipes; these runs are trained already")
    if recipes:
        if folder is None or data is None:
            raise InputError("recipes are trained on a data set into a folder: give data and out")
        compared = _trained(recipes, data, seeds, settings or {}, folder, chosen, on_note)
    else:
        compared = _finished(runs, on_note)
    comparison = compare_runs(compared)  # before the baselines are trained: errors come first
    if baselines:
        places = [Path(path) for path in runs if not isinstance(path, Run)]
        simple = _baselines(compared, places, data, folder, on_event, on_note)
        comparison = compare_runs(compared, simple)
    if not comparison.pairs:
        raise RunError(
            f"{comparison.candidates[0].label} is the only network and there is no baseline: "
            f"name something to compare it with"
        )
    return comparison


def _trained(
    recipes: Sequence[str | Path | Recipe],
    data: str | Path | Dataset,
    seeds: int,
    settings: Mapping[str, Any],
    folder: Path,
    chosen: TrainingOptions,
    on_note: Note,
) -> list[Run]:
    on_event = chosen.on_event or default_listener()
    loaded = [one if isinstance(one, Recipe) else load_recipe(one) for one in recipes]
    plan = plan_recipes(folder, [one.with_settings(settings) for one in loaded], seeds)
    spread = Spread.from_options(chosen.ray, chosen.workers)
    if chosen.engine == "hoiquy":
        start_compiling(on_event)
    dataset = data if isinstance(data, Dataset) else load_dataset(data, reading(on_event))
    with logged(chosen.log, on_event) as listener:
        return run_plan(plan, dataset, listener, accuracy_reporter(on_note), chosen.engine, spread)


def _finished(paths: Sequence[str | Path | Run], on_note: Note) -> list[Run]:
    """The complete runs of these paths, each once."""
    runs: dict[Path, Run] = {}
    for path in paths:
        found = [path] if isinstance(path, Run) else map(load_run, run_folders(Path(path)))
        for run in found:
            runs.setdefault(run.folder.resolve(), run)
    complete = []
    for run in runs.values():
        if run.result.status == "complete":
            complete.append(run)
        elif run.result.status == "untested":
            on_note(f"left out, never scored on test documents: {run.folder}")
        elif TRIAL in run.environment():  # of a search, which resumes or has given it up
            on_note(f"left out, a trial that was not finished: {run.folder}")
        else:
            on_note(f"left out, not complete: {run.folder}; resume with hoiquy resume {run.folder}")
    if not complete:
        raise RunError("none of these runs is complete, so nothing can be compared")
    return complete


def _baselines(
    runs: Sequence[Run],
    places: Sequence[Path],
    data: str | Path | Dataset | None,
    out: Path | None,
    on_event: Listener,
    on_note: Note,
) -> list[Baseline]:
    """The baselines on the data set of the runs: kept ones, or trained now; else none, and why."""
    folders = [place / BASELINES for place in (*places, *([out] if out else []))]
    tokens = tokens_of(runs)
    kept = kept_baselines(folders, runs[0].result.data_fingerprint, tokens)
    if kept:
        return kept
    try:
        dataset = _dataset_of(runs[0], data, on_event)
    except HoiquyError as error:
        if data is not None:  # what was asked for cannot be done
            raise
        on_note(f"without baselines: {error}; if the data set has moved, say --data PATH")
        return []
    try:
        return train_baselines(dataset, out / BASELINES if out else None, on_event, tokens)
    except DataError as error:  # documents without words, or of one class
        on_note(f"without baselines: {error}")
        return []


def _dataset_of(run: Run, data: str | Path | Dataset | None, on_event: Listener) -> Dataset:
    """The data set of a run. Raises HoiquyError if it is not to be had, or is not that one."""
    source = data_source_of_run(run.folder, run.environment(), data).relocated(data)
    if source.data == "imdb" and data is None and find_imdb() is None:
        raise RunError("imdb is not on this machine any more")  # and 84 MB are not fetched for this
    dataset = source.load(reading(on_event))
    if dataset.fingerprint() != run.result.data_fingerprint:
        raise RunError(f"{dataset.name} is not the data that {run.folder} was trained on")
    return dataset
