"""Train into a new run folder, or resume a run that was interrupted."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from hoiquy.callbacks.default import progress_shown
from hoiquy.callbacks.loggers import logged
from hoiquy.data import Dataset, TableOptions
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS
from hoiquy.data.source import DataSource, data_source_of_run, moved_data_hint
from hoiquy.errors import InputError, RunError
from hoiquy.events import Listener, ignore
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import remove_checkpoints
from hoiquy.runs.command_line import command_line
from hoiquy.runs.files import TRIAL
from hoiquy.runs.folder import (
    check_is_run,
    check_was_tested,
    is_language_model,
    is_self_training,
    is_unfinished,
    load_environment_of,
    load_recipe_of,
)
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.runs.new_folder import new_run_folder
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.ray.data_parallel import RayWorkers, ray_workers
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.ensemble.plan import has_plan
from hoiquy.workflows.ensemble.start import (
    resume_ensemble,
    single_because,
    single_for,
    start_ensemble,
)
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.pretraining.folder import resume_hint
from hoiquy.workflows.read_data import read_data
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.run_start import Engine
from hoiquy.workflows.self_training import (
    SelfTraining,
    resume_self_training,
)
from hoiquy.workflows.training_options import OptionalTrainingOptions, TrainingOptions
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.unlabelled_texts import UnlabelledTexts


def train(
    data: Any,
    recipe: str | Path | Recipe = auto_recipe.NAME,
    out: str | Path | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    **training: Unpack[OptionalTrainingOptions],
) -> Run:
    """Train a recipe on a data set into a new run folder.

    Args:
        data: a data set, its name or path, a DataFrame, or a list of (text, label) pairs.
        recipe: a recipe, its name or its file; "auto" is fitted to the data.
        out: the run folder, which must be given; it is made, and must be empty if it exists.
        settings: changes to the recipe, such as {"training.epochs": 5}.
        options: how the table is read: columns, header, encoding.
        test: a table with the test documents; by default a fifth of `data`.
        validation: a table with the validation documents.
        **training: see `TrainingOptions`.

    Returns:
        The complete run.

    Raises:
        DataError: if the data or the word vectors cannot be read.
        RecipeError: if the recipe or a setting is wrong.
        InputError: if `out` is missing, or an option does not go with another, or the recipe.
        RunError: if the folder is not empty, or in use.
        StoppedError: after Ctrl-C, when all is saved.
    """
    if out is None:
        raise InputError('train needs a run folder: train(data, out="runs/mine")')
    chosen = TrainingOptions(**training)
    choice = _checked_choice(recipe, settings or {}, chosen, options)
    source = DataSource(data, options, test, validation)
    with (
        ray_workers(chosen.ray, chosen.workers) as workers,
        progress_shown(chosen.on_event, chosen.quiet) as shown,
        logged(chosen.log, shown) as listener,
        new_run_folder(out) as folder,  # before the data is read, which may take minutes
        _locked(folder),
    ):
        dataset = read_data(source, chosen.engine, listener)
        choice.transfer.check_data(dataset)
        if choice.self_trains:
            return _self_training(choice, dataset, source, chosen).run(folder, listener)
        single = single_because(choice, chosen) or single_for(dataset)
        chosen.check_ensemble(single)
        if single is None:
            return start_ensemble(
                folder, dataset, source, choice, listener, chosen.metric, chosen.small
            )
        return _train_network(folder, dataset, source, choice, chosen, workers, listener)


def resume(
    run: str | Path,
    *,
    data: Any = None,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    allow_changes: bool = False,
    **training: Unpack[OptionalTrainingOptions],
) -> Run:
    """Resume an interrupted training from its newest checkpoint.

    Args:
        run: the run folder. A complete run is returned as it is.
        data: where the data set is now, if it has moved, or the object itself.
        test: where the test table is now.
        validation: where the validation table is now.
        allow_changes: resume although versions, processor or data have changed.
        **training: `on_event`, `quiet`, `checkpoint_seconds`, `log`, `workers` and `ray` of
            `TrainingOptions`. What is logged already is not logged twice.

    Returns:
        The complete run, with the same bits as one that was never interrupted.

    Raises:
        RunError: if this is no run, it is in use, or it would not be the same training.
    """
    folder, chosen = Path(run), TrainingOptions(**training)
    chosen.allow("resume", "on_event", "quiet", "checkpoint_seconds", "log", "workers", "ray")
    if is_language_model(folder):
        raise RunError(f"{folder} is a language model: resume with {resume_hint(folder)}")
    if is_self_training(folder):
        return _resume_self_training(folder, data, (test, validation), allow_changes, chosen)
    check_is_run(folder)
    with _locked(folder), progress_shown(chosen.on_event, chosen.quiet) as on_event:
        if not is_unfinished(folder):
            remove_checkpoints(folder)  # in case it was killed just before it did so
            complete = load_run(folder)
            check_was_tested(complete, "cannot be resumed")
            return complete
        recipe, environment = load_recipe_of(folder), load_environment_of(folder)
        _check_is_no_trial(folder, environment)
        engine: Engine = "keras" if environment.get("engine") == "keras" else "hoiquy"
        if chosen.ray is not None and engine != "hoiquy":
            raise InputError(f"Ray workers need hoiquy's own engine; engine is {engine!r}")
        source = data_source_of_run(folder, environment, data).relocated(data, test, validation)
        if has_plan(folder):
            return resume_ensemble(folder, source, on_event, allow_changes)
        transfer = Transfer.of_run(folder, environment, recipe)
        with moved_data_hint():
            dataset = read_data(source, engine, on_event)
        with (
            ray_workers(chosen.ray, chosen.workers) as workers,
            logged(chosen.log, on_event) as listener,
        ):
            experiment = Experiment(
                recipe, dataset, source, engine, transfer, chosen.checkpoint_seconds,
                allow_changes, workers=workers,
            )  # fmt: skip
            experiment.changes(folder)  # before the documents are encoded
            return experiment.run(folder, experiment.prepare(listener), listener)


def train_or_resume(
    experiment: Experiment,
    folder: Path,
    on_event: Listener = ignore,
    prepared: Prepared | None = None,
) -> Run:
    """Train into a folder of `create_run_folder`, or resume the same training there."""
    with _locked(folder):
        return experiment.run(folder, prepared or experiment.prepare(on_event), on_event)


def _checked_choice(
    recipe: str | Path | Recipe,
    settings: Mapping[str, Any],
    chosen: TrainingOptions,
    options: TableOptions,
) -> RecipeChoice:
    """The recipe that is asked for, with time and transfer; all that needs no data is checked."""
    chosen.check()
    budget = None if chosen.minutes is None else TimeBudget(60 * chosen.minutes)
    texts = chosen.unlabelled
    unlabelled = None if texts is None else UnlabelledTexts.of(texts, options)
    transfer = Transfer.load(chosen.language_model, chosen.soft_labels, chosen.vectors, unlabelled)
    if transfer.language_model is not None and recipe == auto_recipe.NAME:
        recipe = transfer.language_model.recipe
    choice = RecipeChoice(recipe, settings, budget, transfer)
    if choice.named is not None:
        chosen.check_recipe(choice.named)
        transfer.check_recipe(choice.named)
    if choice.self_trains:
        chosen.check_self_training()
    else:
        chosen.check_ensemble(single_because(choice, chosen))
    return choice


def _train_network(
    folder: Path,
    dataset: Dataset,
    source: DataSource,
    choice: RecipeChoice,
    chosen: TrainingOptions,
    workers: RayWorkers | None,
    listener: Listener,
) -> Run:
    fitted, prepared = choice.encoded(dataset, listener)
    chosen.check_recipe(fitted)
    experiment = Experiment(
        fitted, dataset, source, chosen.engine, choice.transfer, chosen.checkpoint_seconds,
        budget=choice.budget, workers=workers, command=command_line(),
    )  # fmt: skip
    return experiment.run(folder, prepared, listener)


def _self_training(
    choice: RecipeChoice, dataset: Dataset, source: DataSource, chosen: TrainingOptions
) -> SelfTraining:
    texts = choice.transfer.unlabelled
    assert texts is not None
    return SelfTraining(
        choice.fitted(dataset), dataset, source, texts, replace(choice.transfer, unlabelled=None),
        chosen.checkpoint_seconds, command=command_line(),
    )  # fmt: skip


def _check_is_no_trial(folder: Path, environment: Mapping[str, Any]) -> None:
    if TRIAL in environment:  # here it would be scored on test documents
        raise RunError(f"{folder} is a trial of a search: resume with {environment[TRIAL]}")


def _resume_self_training(
    folder: Path,
    data: Any,
    tables: tuple[str | Path | None, str | Path | None],
    allow_changes: bool,
    chosen: TrainingOptions,
) -> Run:
    with (
        _locked(folder),
        progress_shown(chosen.on_event, chosen.quiet) as shown,
        logged(chosen.log, shown) as listener,
    ):
        return resume_self_training(
            folder, data, listener, allow_changes, chosen.checkpoint_seconds, tables
        )


def _locked(folder: Path) -> AbstractContextManager[None]:
    return locked_folder(folder, lambda: f"hoiquy resume {folder}")
