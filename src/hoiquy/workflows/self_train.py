"""Self-training: a network and NB-SVM label texts for a student, which then labels better.

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR; labels
from two kinds of classifier are co-training (Blum and Mitchell 1998, COLT).
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions
from hoiquy.data.source import DataSource
from hoiquy.data.token_store import is_store
from hoiquy.data.unlabelled.sources import STDIN, check_there
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, Listener
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import Run, is_soft_labels, load_environment_of, load_recipe_of
from hoiquy.system.signals import gone_on_with
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.workflows.distillation.pseudo_label import pseudo_label
from hoiquy.workflows.distillation.soft_labels import SoftLabelFacts
from hoiquy.workflows.distillation.teachers import NB_SVM
from hoiquy.workflows.pretraining.corpus import listed
from hoiquy.workflows.train import resume, train


def self_train(
    data: Any,
    texts: Any,
    recipe: str | Path | Recipe,
    out: str | Path,
    *,
    iterations: int = 1,
    settings: Sequence[str] = (),
    options: TableOptions = AS_FOUND,
    test: str | Path | None = None,
    validation: str | Path | None = None,
    on_event: Listener | None = None,
    command: Sequence[str] = (),
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    log: Sequence[str] = (),
) -> Run:
    """Train on labelled data, pseudo-label `texts`, train on both; repeat; return the last run.

    `out` holds `run-0` (labelled documents only), `soft-labels-1` (of run-0 and NB-SVM), `run-1`
    (trained on both), and so on. A second call resumes where the first stopped. data, settings,
    options, test, validation, log: as in `train`. texts: as in `pseudo_label`. Raises RunError if a
    run in `out` has another recipe or data, InputError if iterations < 1, and what `train` and
    `pseudo_label` raise.
    """
    if iterations < 1:
        raise InputError(f"{iterations} iterations of self-training: expected 1 or more")
    chosen = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    chosen = chosen.with_settings(settings)
    on_event, folder = on_event or default_listener(), Path(out)
    in_memory = None if isinstance(data, str | Path) else data
    sources = listed(texts)
    if STDIN in sources:
        raise InputError(
            "self-training reads the texts in every iteration, so standard input cannot be used"
        )
    if (folder / RECIPE).exists():
        raise RunError(f"{folder} is a run folder: choose another --out for self-training")
    _check_readable(
        data, sources, [folder / f"soft-labels-{at}" for at in range(1, iterations + 1)]
    )
    _check_one_label(folder / "run-0", DataSource(data, options, test, validation))
    with gone_on_with(shlex.join(command) or "the same call"):
        for number in range(iterations + 1):
            place, soft_labels = folder / f"run-{number}", folder / f"soft-labels-{number}"
            if number and not is_soft_labels(soft_labels):
                teachers: list[str | Path | Run] = [folder / f"run-{number - 1}", NB_SVM]
                facts = pseudo_label(
                    sources, teachers, soft_labels, data=in_memory, options=options,
                    on_event=on_event,
                ).facts  # fmt: skip
                on_event(DataRead(_told(number, iterations, facts)))
            if (place / RECIPE).exists():
                _check_same(place, chosen, DataSource(data, options, test, validation))
                run = resume(
                    place, data=in_memory, on_event=on_event,
                    checkpoint_seconds=checkpoint_seconds, log=log,
                )  # fmt: skip
            else:
                run = train(
                    data, chosen, place, options=options, test=test, validation=validation,
                    on_event=on_event, command=command, soft_labels=soft_labels if number else None,
                    checkpoint_seconds=checkpoint_seconds, log=log,
                )  # fmt: skip
    return run


def _check_readable(data: Any, sources: Sequence[Any], soft_label_folders: Sequence[Path]) -> None:
    """Raise DataError now for what the first lesson would stumble over, hours from now."""
    if isinstance(data, Dataset) and data.encoded is not None:
        data = data.encoded.folder
    if isinstance(data, str | Path) and is_store(Path(data)):
        raise DataError(
            f"{data} is a token store, which keeps no texts of training documents, and NB-SVM "
            f"learns from them: give the data that it was encoded from"
        )
    if not all(map(is_soft_labels, soft_label_folders)):
        for source in sources:
            check_there(source)


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


def _told(number: int, iterations: int, facts: SoftLabelFacts) -> str:
    """How good the teachers of an iteration are, alone and together."""
    alone = ", ".join(
        f"{Path(teacher.name).name} {teacher.validation.accuracy:.2%}" for teacher in facts.teachers
    )
    return (
        f"iteration {number} of {iterations}: {facts.documents:,} texts; validation accuracy of "
        f"the teachers {alone}, together {facts.together.accuracy:.2%}"
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
    if before != (source.where(), source.how()):
        raise RunError(
            f"{place} was trained on {before[0] or 'data in memory'}, read as {before[1]}, not on "
            f"{source.where() or 'data in memory'}, read as {source.how()}: choose another --out"
        )
