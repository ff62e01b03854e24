"""Self-training: a network and NB-SVM label texts for a student, which then labels better.

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR; labels
from two kinds of classifier are co-training (Blum and Mitchell 1998, COLT).
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from hoiquy.callbacks.default import progress_shown
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import DataSource
from hoiquy.data.token_store import is_store
from hoiquy.data.unlabelled.sources import STDIN, check_exists
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, Listener
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.command_line import command_line
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import is_soft_labels, load_environment_of, load_recipe_of
from hoiquy.system.signals import with_resume_hint
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.distillation.soft_labels import SoftLabelFacts
from hoiquy.workflows.distillation.teachers import NB_SVM
from hoiquy.workflows.pretraining.corpus import listed
from hoiquy.workflows.run import Run
from hoiquy.workflows.train import resume, train
from hoiquy.workflows.training_options import OptionalTrainingOptions, TrainingOptions


class SelfTrainingOptions(TypedDict, total=False):
    """The keywords of `self_train` beside those of the data."""

    iterations: int
    checkpoint_seconds: float
    log: Sequence[str]
    on_event: Listener | None


def self_train(
    data: Any,
    texts: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    **training: Unpack[SelfTrainingOptions],
) -> Run:
    """Train on labelled data, pseudo-label texts, train on both; repeat.

    `out` holds `run-0` (labelled documents only), `soft-labels-1` (of run-0 and NB-SVM), `run-1`
    (trained on both), and so on. A second call resumes where the first stopped.

    Args:
        data: as in `train`.
        texts: texts without labels, as in `pseudo_label`.
        recipe: a recipe, its name or its file.
        out: the folder of the runs and soft labels.
        settings: changes to the recipe.
        options: as in `train`.
        test: as in `train`.
        validation: as in `train`.
        **training: `iterations` (default 1), and `checkpoint_seconds`, `log`, `on_event` of
            `TrainingOptions`.

    Returns:
        The last run.

    Raises:
        InputError: if iterations < 1.
        RunError: if a run in `out` has another recipe or data.
        DataError: if a text is missing, or the data is a token store.
    """
    iterations, again = training.pop("iterations", 1), shlex.join(command_line())
    chosen = TrainingOptions(**training)  # type: ignore[misc]  # "iterations" is taken out
    chosen.allow("self_train", "checkpoint_seconds", "log", "on_event", "quiet")
    base = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    base, folder = base.with_settings(settings or {}), Path(out)
    source, sources = DataSource(data, options, test, validation), listed(texts)
    _check(folder, source, sources, iterations)
    with with_resume_hint(again or "the same call"):
        run = _train_or_resume(folder / "run-0", base, source, None, chosen)
        for number in range(1, iterations + 1):
            soft_labels = folder / f"soft-labels-{number}"
            if not is_soft_labels(soft_labels):
                facts = _pseudo_label(sources, run, soft_labels, source, chosen.on_event)
                with progress_shown(chosen.on_event, chosen.quiet) as on_event:
                    on_event(DataRead(_summary(number, iterations, facts)))
            run = _train_or_resume(folder / f"run-{number}", base, source, soft_labels, chosen)
    return run


def _train_or_resume(
    folder: Path,
    recipe: Recipe,
    source: DataSource,
    soft_labels: Path | None,
    chosen: TrainingOptions,
) -> Run:
    common: OptionalTrainingOptions = {
        "checkpoint_seconds": chosen.checkpoint_seconds,
        "log": chosen.log,
        "on_event": chosen.on_event,
        "quiet": chosen.quiet,
    }
    if (folder / RECIPE).exists():
        _check_same(folder, recipe, source)
        return resume(folder, data=source.in_memory, **common)
    common["soft_labels"] = soft_labels
    return train(
        source.data, recipe, folder, options=source.options, test=source.test,
        validation=source.validation, **common,
    )  # fmt: skip


def _pseudo_label(
    sources: Sequence[Any],
    teacher: Run,
    out: Path,
    source: DataSource,
    on_event: Listener | None,
) -> SoftLabelFacts:
    """Label the texts with a run and NB-SVM."""
    return pseudo_label(
        sources, [teacher, NB_SVM], out, data=source.in_memory, options=source.options,
        on_event=on_event,
    ).facts  # fmt: skip


def _check(folder: Path, source: DataSource, sources: Sequence[Any], iterations: int) -> None:
    """Find now what would fail hours from now. Raises InputError, RunError or DataError."""
    if iterations < 1:
        raise InputError(f"{iterations} iterations of self-training: expected 1 or more")
    if STDIN in sources:
        raise InputError(
            "self-training reads the texts in every iteration, so standard input cannot be used"
        )
    if (folder / RECIPE).exists():
        raise RunError(f"{folder} is a run folder: choose another --out for the iterations")
    data = source.data
    if isinstance(data, Dataset) and data.encoded is not None:
        data = data.encoded.folder
    if isinstance(data, str | Path) and is_store(Path(data)):
        raise DataError(
            f"{data} is a token store without texts of training documents, and NB-SVM needs "
            f"them: give the data that it was encoded from"
        )
    folders = [folder / f"soft-labels-{number}" for number in range(1, iterations + 1)]
    if not all(map(is_soft_labels, folders)):
        for one in sources:
            check_exists(one)
    _check_one_label(folder / "run-0", source)


def _check_one_label(first: Path, source: DataSource) -> None:
    """Raise DataError where documents may have several labels, before hours of training."""
    if (first / RECIPE).exists():
        return
    dataset = source.load()
    if dataset.multilabel:
        raise DataError(
            f"{dataset.name} has several labels a document, and self-training gives texts one "
            f"label of several: train it with hoiquy train"
        )


def _summary(number: int, iterations: int, facts: SoftLabelFacts) -> str:
    """The validation accuracy of the teachers of an iteration, each and combined."""
    each = ", ".join(
        f"{Path(teacher.name).name} {teacher.validation.accuracy:.2%}" for teacher in facts.teachers
    )
    return (
        f"iteration {number} of {iterations}: {facts.documents:,} texts; validation accuracy of "
        f"the teachers {each}, combined {facts.together.accuracy:.2%}"
    )


def _check_same(place: Path, recipe: Recipe, source: DataSource) -> None:
    """Raise RunError unless the run that is there is of this recipe and data."""
    if load_recipe_of(place) != recipe:
        raise RunError(
            f"{place} was trained with another recipe than {recipe.name} with these settings (see "
            f"{place / RECIPE}): choose another --out"
        )
    environment = load_environment_of(place)
    before = environment.get("data_source"), environment.get("data_options")
    if before != (source.location(), source.read_options()):
        raise RunError(
            f"{place} was trained on {before[0] or 'data in memory'}, read as {before[1]}, not on "
            f"{source.location() or 'data in memory'}, read as {source.read_options()}: choose "
            f"another --out"
        )
