"""Train into a new run folder, or go on in one that was interrupted."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from hoiquy.callbacks.loggers import logged
from hoiquy.callbacks.notebook import default_listener
from hoiquy.data import Dataset, TableOptions
from hoiquy.data.labels.labelled_rows import AS_FOUND
from hoiquy.data.source import DataSource, may_have_moved, source_of
from hoiquy.errors import InputError, RunError, StoppedError, WriteError
from hoiquy.events import DataRead, Listener, ignore, reading
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.checkpoint import remove_checkpoints
from hoiquy.runs.files import LANGUAGE_MODEL, TRIAL, recipe_file
from hoiquy.runs.folder import (
    Run,
    check_is_run,
    check_was_tested,
    forget_beginning,
    is_language_model,
    is_unfinished,
    load_environment_of,
    load_recipe_of,
    load_run,
    new_run_folder,
)
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.kernel_compilation import start_compiling
from hoiquy.training.ray.data_parallel import RayWorkers, ray_workers
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.pretraining.folder import resume_hint
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.recipe_choice import RecipeChoice
from hoiquy.workflows.run_start import Engine, begin_run


def train(
    data: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    options: TableOptions = AS_FOUND,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    settings: Sequence[str] = (),
    engine: Engine = "hoiquy",
    on_event: Listener | None = None,
    command: Sequence[str] = (),
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    log: Sequence[str] = (),
    minutes: float | None = None,
    language_model: str | Path | None = None,
    soft_labels: str | Path | None = None,
    workers: int | None = None,
    ray: str | None = None,
) -> Run:
    """Train a recipe on a data set into the folder `out`; see `Experiment.run`.

    data: a data set, its name or its path, a frame or a list of (text, label) pairs. options,
    test, validation: of a table, as of `load_dataset`. recipe: a recipe, its name or its file;
    the name "auto" fits it to the data. settings: changes to the recipe such as
    "training.epochs=5". on_event: who listens to it; by default a notebook shows its progress. log:
    such as "tensorboard=DIR"; see `loggers`. minutes: within which the run is to be done; "auto"
    then also takes sizes that can be trained in time. language_model: a folder of `pretrain`, whose
    vocabulary the run takes, and whose weights its embedding and first recurrent layer begin with;
    "auto" is then the recipe that it was made with. taught: a folder of `teach`, whose texts are
    trained on beside the labelled documents; refused unless its teachers learnt from the same
    documents. ray: train on Ray actors, with the same result: "auto" for a Ray on this machine, or
    HOST:PORT of a cluster's head; workers: how many, by default one for each machine. Raises
    RunError if the folder holds something or another process trains there.
    """
    _check_engine(engine, minutes, language_model, soft_labels, ray)
    budget = None if minutes is None else TimeBudget(60 * minutes)
    start = LanguageModelStart.load(language_model) if language_model is not None else None
    labels_start = SoftLabelStart.load(soft_labels) if soft_labels is not None else None
    if start is not None and recipe == auto_recipe.NAME:
        recipe = start.recipe
    choice = RecipeChoice(
        recipe, settings, budget,
        start.vocabulary if start else None, labels_start.documents if labels_start else None,
    )  # fmt: skip
    if start is not None:
        assert choice.named is not None
        start.check_fits(choice.named)
    with (
        ray_workers(ray, workers) as actors,
        logged(log, on_event or default_listener()) as listener,
    ):
        source = DataSource(data, options, test, validation)
        return _train(
            source, choice, Path(out), engine, listener, command, checkpoint_seconds, start,
            labels_start, actors,
        )  # fmt: skip


def _check_engine(
    engine: Engine, minutes: Any = None, language_model: Any = None, soft_labels: Any = None,
    ray: str | None = None,
) -> None:  # fmt: skip
    """Raise InputError for what only our own engine can do."""
    for what, said in (
        ("minutes go", minutes),
        ("a language model goes", language_model),
        ("a lesson goes", soft_labels),
        ("workers on Ray go", ray),
    ):
        if said is not None and engine != "hoiquy":
            raise InputError(f"{what} with hoiquy's own engine; engine is {engine!r}")


def _check_recipe(engine: Engine, recipe: Recipe) -> None:
    """Raise InputError for settings that the engine does not have, before the run begins."""
    if engine == "keras":
        from hoiquy.interop.keras.limits import check_keras_trains

        check_keras_trains(recipe)


def _train(
    source: DataSource,
    choice: RecipeChoice,
    out: Path,
    engine: Engine,
    on_event: Listener,
    command: Sequence[str],
    checkpoint_seconds: float,
    start: LanguageModelStart | None,
    labels_start: SoftLabelStart | None,
    workers: RayWorkers | None,
) -> Run:
    began_with = ({LANGUAGE_MODEL: start.facts} if start else {}) | (
        labels_start.noted() if labels_start else {}
    )
    # The folder comes first, before reading: a bad one should not cost a minute.
    with new_run_folder(out) as folder, _locked(folder):
        if choice.named is not None:  # else the data has to be read before there is a recipe
            begin_run(folder, choice.named, engine, source, command, began_with)
        try:
            dataset = read_data(source, engine, on_event)
            if labels_start is not None:
                labels_start.check_data(dataset)
            recipe, prepared = choice.made(dataset, on_event)
            _check_recipe(engine, recipe)
            if choice.named is None:
                begin_run(folder, recipe, engine, source, command, began_with)
            elif recipe != choice.named:
                write_checksummed(folder, recipe_file(recipe))
            experiment = Experiment(
                recipe, dataset, engine, checkpoint_seconds, budget=choice.budget, start=start,
                soft_labels=labels_start, workers=workers,
            )  # fmt: skip
            return experiment.run(folder, on_event, prepared)
        except (StoppedError, WriteError):
            raise
        except Exception:
            forget_beginning(folder)  # a mistyped name, too little memory
            raise


def resume(
    run: str | Path,
    *,
    data: Any = None,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    allow_changes: bool = False,
    on_event: Listener | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    log: Sequence[str] = (),
    workers: int | None = None,
    ray: str | None = None,
) -> Run:
    """Go on with a training that was interrupted, from its newest checkpoint; return its run.

    A run that is complete is returned as it is. data: where the data set is now, if it has moved,
    or the object itself if it was one. test, validation: where these tables are now. on_event,
    log, ray, workers: as of `train`; what is logged already is not logged twice.
    Raises RunError if the folder is no run, is in use, or this would not be the same training.
    """
    folder = Path(run)
    on_event = on_event or default_listener()
    if is_language_model(folder):
        raise RunError(f"{folder} is a language model: go on with {resume_hint(folder)}")
    check_is_run(folder)
    with _locked(folder):
        if not is_unfinished(folder):
            remove_checkpoints(folder)  # in case it was killed just before it did so
            run_there = load_run(folder)
            check_was_tested(run_there, "cannot go on")
            return run_there
        recipe, environment = load_recipe_of(folder), load_environment_of(folder)
        if TRIAL in environment:  # here it would be scored on test documents
            raise RunError(f"{folder} is a trial of a search: go on with {environment[TRIAL]}")
        engine: Engine = "keras" if environment.get("engine") == "keras" else "hoiquy"
        _check_engine(engine, ray=ray)
        source = source_of(folder, environment, data).moved(data, test, validation)
        start = LanguageModelStart.of_run(folder, environment, recipe)
        labels_start = SoftLabelStart.of_run(folder, environment)
        with may_have_moved():
            dataset = read_data(source, engine, on_event)
        with ray_workers(ray, workers) as actors, logged(log, on_event) as listener:
            experiment = Experiment(
                recipe, dataset, engine, checkpoint_seconds, allow_changes, start=start,
                soft_labels=labels_start, workers=actors,
            )  # fmt: skip
            return experiment.run(folder, listener)


def train_or_resume(
    experiment: Experiment,
    folder: Path,
    on_event: Listener = ignore,
    prepared: Prepared | None = None,
    command: Sequence[str] = (),
    source: DataSource | None = None,
) -> Run:
    """Train into a folder that `create_run_folder` made, or go on with the same training in it.

    source: where the data set came from, unless its name says it.
    """
    with _locked(folder):
        if not (folder / run_files.RECIPE).exists():
            source = source or DataSource(experiment.dataset)
            begin_run(folder, experiment.recipe, experiment.engine, source, command)
        return experiment.run(folder, on_event, prepared)


def _locked(folder: Path) -> AbstractContextManager[None]:
    return locked_folder(folder, lambda: f"hoiquy resume {folder}")


def read_data(source: DataSource, engine: Engine, on_event: Listener) -> Dataset:
    """Do as `read_source`, while the kernels compile."""
    if engine == "hoiquy":
        start_compiling(on_event)
    return read_source(source, on_event)


def read_source(source: DataSource, on_event: Listener) -> Dataset:
    """Read a data set, and say which columns were chosen."""
    dataset = source.load(reading(on_event))
    if source.guesses:
        on_event(DataRead(dataset.description))
    if dataset.multilabel:
        on_event(
            DataRead(
                f"{dataset.name}: several labels a document; accuracy is subset accuracy, the "
                f"share of documents all of whose labels are right"
            )
        )
    return dataset
