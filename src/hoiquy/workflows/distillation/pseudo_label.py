"""Label texts with teacher models."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.comparison.baselines.tokens import tokens_of
from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import data_source_of_run, moved_data_hint
from hoiquy.errors import InputError, RunError
from hoiquy.events import Listener, reading
from hoiquy.nn.losses import Probabilities, log_probabilities
from hoiquy.runs.ensemble import ensemble_of
from hoiquy.runs.folder import Run
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.runs.new_folder import create_run_folder, new_run_folder
from hoiquy.training.checkpointer import Stopwatch
from hoiquy.training.encoding.prepare import labelled_parts
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.kernel_compilation import finish_compiling, start_compiling
from hoiquy.training.stacking import SHARPNESS, combined, fit_stacking_weights, log_loss, sharpened
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    SoftLabels,
    TeacherFacts,
    remove_unfinished,
    write_soft_labels,
)
from hoiquy.workflows.distillation.teachers import (
    NB_SVM,
    first_run,
    load_teacher,
    named_teachers,
    with_soft_labels_of,
)
from hoiquy.workflows.pretraining.corpus import listed, read_bare
from hoiquy.workflows.unlabelled_texts import TextsWithoutLabel


def pseudo_label(
    texts: Any,
    teachers: Sequence[str | Path | Run],
    out: str | Path,
    *,
    data: Any = None,
    options: TableOptions = DEFAULT_TABLE_OPTIONS,
    all_rows: bool = False,
    sharpness: float = SHARPNESS,
    on_event: Listener | None = None,
) -> SoftLabels:
    """Pseudo-label texts with teacher models, for `train(…, soft_labels=out)`.

    The probabilities of all teachers are combined with weights that maximise the likelihood of the
    validation labels. The same teachers and texts give the same bytes. Nothing is kept of a call
    that was interrupted.

    Args:
        texts: A source or a list of them, as in `pretrain`. Documents of the teachers' data, empty
            texts and repetitions are left out.
        teachers: At least one complete run or run folder, all on one data set, and optionally
            "nb-svm", which is trained on the same documents.
        out: The folder of the soft labels.
        data: Where the teachers' data set is now, if it has moved, or the object itself.
        options: How tables and files of texts are read.
        all_rows: As in `pretrain`.
        sharpness: Power of the combined probabilities; 1 leaves them unchanged.
        on_event: Called with each event; by default a notebook shows the progress.

    Returns:
        The soft labels.

    Raises:
        RunError: The teachers do not go together, or `out` holds something.
        DataError: The texts or the data cannot be read.
        InputError: The sharpness is not a positive number.
    """
    if not 0 < sharpness < math.inf:
        raise InputError(f"sharpness = {sharpness}: expected a number above 0; 1 changes nothing")
    on_event = on_event or default_listener()
    stopwatch = Stopwatch()
    sources, chosen = listed(texts), named_teachers(teachers)
    with _soft_label_folder(out) as folder:
        start_compiling(on_event)
        dataset = _data_of(first_run(chosen), data, on_event)
        read = read_bare(sources, options, all_rows, on_event)
        to_label = TextsWithoutLabel.of(read, dataset, on_event)
        finish_compiling(on_event)
        facts, documents = _labelled(chosen, dataset, to_label, sharpness, on_event)
        return write_soft_labels(folder, facts, documents, stopwatch.cost())


def label_texts(
    to_label: TextsWithoutLabel,
    teachers: Sequence[Run | str],
    dataset: Dataset,
    out: Path,
    on_event: Listener,
) -> SoftLabels:
    """Label texts that are read already; all else is as in `pseudo_label`.

    Args:
        to_label: Texts that are no documents of the data set.
        teachers: Complete runs on the data set, and optionally "nb-svm".
        dataset: The labelled documents.
        out: The folder of the soft labels.
        on_event: Called with each event.

    Raises:
        RunError: The data set has changed since, or `out` holds something.
    """
    stopwatch = Stopwatch()
    with _soft_label_folder(out) as folder:
        _check_data(first_run(teachers), dataset)
        facts, documents = _labelled(teachers, dataset, to_label, SHARPNESS, on_event)
        return write_soft_labels(folder, facts, documents, stopwatch.cost())


@contextmanager
def _soft_label_folder(out: str | Path) -> Iterator[Path]:
    """A locked new folder; nothing is left in it by an error."""
    with new_run_folder(out) as folder, locked_folder(folder, lambda: "hoiquy pseudo-label"):
        create_run_folder(folder)  # another process may have been first
        remove_unfinished(folder)  # of a killed process
        try:
            yield folder
        except BaseException:
            remove_unfinished(folder)
            raise


def _data_of(run: Run, data: Any, on_event: Listener) -> Dataset:
    """The data set of a run. Raises RunError if it has changed."""
    environment = run.environment()
    with moved_data_hint():
        source = data_source_of_run(run.folder, environment, data).relocated(data)
        dataset = source.load(reading(on_event))
    _check_data(run, dataset)
    return dataset


def _check_data(run: Run, dataset: Dataset) -> None:
    """Raise RunError for another data set than that of the run."""
    before = run.result.data_fingerprint
    if dataset.fingerprint() != before:
        raise RunError(
            f"{dataset.name} is not the data that {run.folder} was trained on: "
            f"{dataset.fingerprint()[:12]}, expected {before[:12]}; name that data: --data PATH"
        )


def _labelled(
    chosen: Sequence[Run | str],
    dataset: Dataset,
    to_label: TextsWithoutLabel,
    sharpness: float,
    on_event: Listener,
) -> tuple[SoftLabelFacts, SoftLabelledDocuments]:
    """Label the validation documents and the texts with every teacher, and combine the labels."""
    run = first_run(chosen)
    train, validation = labelled_parts(run.recipe, dataset)
    if NB_SVM in chosen:
        train = with_soft_labels_of(run, train)
    teachers, of_validation, of_texts = [], [], []
    for one in chosen:  # one after the other: each may be large
        teacher = load_teacher(one, dataset, train, on_event, tokens_of([run]))
        of_validation.append(log_probabilities(teacher.predict(validation.texts)))
        of_texts.append(log_probabilities(teacher.predict_all(to_label.texts, on_event)))
        teachers.append(teacher)
    weights, of_each, together = _weighed(run, of_validation, validation.labels)
    facts = SoftLabelFacts(
        kind="soft_labels",
        hoiquy=metadata.version("hoiquy"),
        classes=list(dataset.classes),
        data=dataset.name,
        data_fingerprint=dataset.fingerprint(),
        validation_documents=len(validation),
        documents=len(to_label.texts),
        left_out=to_label.left_out,
        teachers=[
            TeacherFacts(one.name, one.weights_sha256, one.settings, weight, measures)
            for one, weight, measures in zip(teachers, weights, of_each, strict=True)
        ],
        together=together,
        sharpness=sharpness,
        iteration=1
        + max(one.result.pseudo_label_iteration for one in chosen if isinstance(one, Run)),
    )
    probabilities = sharpened(of_texts, weights, sharpness).astype(np.float32)
    return facts, SoftLabelledDocuments(to_label.texts, probabilities)


def _weighed(
    run: Run, log_p: Sequence[Probabilities], labels: Labels
) -> tuple[list[float], list[Measures], Measures]:
    """The weights of the teachers, the measures of each, and of all together.

    An ensemble, which is the only teacher, was trained on the validation documents. It is
    calibrated already, and its measures are those on the documents that its models held out.
    """
    ensemble = ensemble_of(run)
    if ensemble is not None:
        measures = Measures(ensemble.held_out.accuracy, ensemble.held_out.log_loss)
        return [1.0], [measures], measures
    weights = fit_stacking_weights(log_p, labels)
    of_each = [_measures([one], [1.0], labels) for one in log_p]
    return weights, of_each, _measures(log_p, weights, labels)


def _measures(log_p: Sequence[Probabilities], weights: Sequence[float], labels: Labels) -> Measures:
    correct = combined(log_p, weights).argmax(axis=1) == labels
    return Measures(float(correct.mean()), log_loss(log_p, weights, labels)[0])
