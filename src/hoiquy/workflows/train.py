"""Train into a new run folder, or resume a run that was interrupted."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Unpack

from hoiquy.callbacks.loggers import logged
from hoiquy.callbacks.notebook import default_listener
from hoiquy.data import Dataset, TableOptions
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS
from hoiquy.data.source import DataSource, data_source_of_run, moved_data_hint
from hoiquy.errors import InputError, RunError
from hoiquy.events import DataRead, Listener, ignore, reading
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import remove_checkpoints
from hoiquy.runs.command_line import command_line
from hoiquy.runs.files import TRIAL
from hoiquy.runs.folder import (
    check_is_run,
    check_was_tested,
    is_language_model,
    is_unfinished,
    load_environment_of,
    load_recipe_of,
    new_run_folder,
)
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.training.ray.data_parallel import ray_workers
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.pretraining.folder import resume_hint
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.run_start import Engine
from hoiquy.workflows.training_options import OptionalTrainingOptions, TrainingOptions
from hoiquy.workflows.transfer import Transfer


def train(
    data: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
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
        out: the run folder; it is made, and must be empty if it exists.
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
        RunError: if the folder is not empty, or in use.
        StoppedError: after Ctrl-C, when all is saved.
    """
    chosen = TrainingOptions(**training)
    chosen.check()
    budget = None if chosen.minutes is None else TimeBudget(60 * chosen.minutes)
    transfer = Transfer.load(chosen.language_model, chosen.soft_labels, chosen.vectors)
    if transfer.language_model is not None and recipe == auto_recipe.NAME:
        recipe = transfer.language_model.recipe
    choice = RecipeChoice(recipe, settings or {}, budget, transfer)
    if choice.named is not None:
        chosen.check_recipe(choice.named)
        transfer.check_recipe(choice.named)
    source = DataSource(data, options, test, validation)
    with (
        ray_workers(chosen.ray, chosen.workers) as workers,
        logged(chosen.log, chosen.on_event or default_listener()) as listener,
        new_run_folder(out) as folder,  # before the data is read, which may take minutes
        _locked(folder),
    ):
        dataset = read_data(source, chosen.engine, listener)
        transfer.check_data(dataset)
        fitted, prepared = choice.encoded(dataset, listener)
        chosen.check_recipe(fitted)
        experiment = Experiment(
            fitted, dataset, source, chosen.engine, transfer, chosen.checkpoint_seconds,
            budget=budget, workers=workers, command=command_line(),
        )  # fmt: skip
        return experiment.run(folder, prepared, listener)


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
        **training: `on_event`, `checkpoint_seconds`, `log`, `workers` and `ray` of
            `TrainingOptions`. What is logged already is not logged twice.

    Returns:
        The complete run, with the same bits as one that was never interrupted.

    Raises:
        RunError: if this is no run, it is in use, or it would not be the same training.
    """
    folder, chosen = Path(run), TrainingOptions(**training)
    chosen.allow("resume", "on_event", "checkpoint_seconds", "log", "workers", "ray")
    on_event = chosen.on_event or default_listener()
    if is_language_model(folder):
        raise RunError(f"{folder} is a language model: resume with {resume_hint(folder)}")
    check_is_run(folder)
    with _locked(folder):
        if not is_unfinished(folder):
            remove_checkpoints(folder)  # in case it was killed just before it did so
            complete = load_run(folder)
            check_was_tested(complete, "cannot be resumed")
            return complete
        recipe, environment = load_recipe_of(folder), load_environment_of(folder)
        if TRIAL in environment:  # here it would be scored on test documents
            raise RunError(f"{folder} is a trial of a search: resume with {environment[TRIAL]}")
        engine: Engine = "keras" if environment.get("engine") == "keras" else "hoiquy"
        if chosen.ray is not None and engine != "hoiquy":
            raise InputError(f"Ray workers need hoiquy's own engine; engine is {engine!r}")
        source = data_source_of_run(folder, environment, data).relocated(data, test, validation)
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


def _locked(folder: Path) -> AbstractContextManager[None]:
    return locked_folder(folder, lambda: f"hoiquy resume {folder}")


def read_data(source: DataSource, engine: Engine, on_event: Listener) -> Dataset:
    """Do as `read_source`, while the kernels compile."""
    if engine == "hoiquy":
        start_compiling(on_event)
    return read_source(source, on_event)


def read_source(source: DataSource, on_event: Listener) -> Dataset:
    """Read a data set, and report which columns were detected."""
    dataset = source.load(reading(on_event))
    if source.detects:
        on_event(DataRead(dataset.description))
    if dataset.multilabel:
        on_event(
            DataRead(
                f"{dataset.name}: several labels a document; accuracy is subset accuracy, the "
                f"share of documents with exactly the right labels"
            )
        )
    return dataset
