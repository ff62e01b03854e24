"""Label texts with teacher models."""

import math
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.comparison.baselines.tokens import tokens_of
from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import document_keys
from hoiquy.data.label_array import Labels
from hoiquy.data.labels.labelled_rows import DEFAULT_TABLE_OPTIONS, TableOptions
from hoiquy.data.source import data_source_of_run, moved_data_hint
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.data.text_key import text_key
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, Listener, reading
from hoiquy.nn.losses import Probabilities, log_probabilities
from hoiquy.runs.ensemble import ensemble_of
from hoiquy.runs.folder import Run, create_run_folder, new_run_folder
from hoiquy.runs.locked_folder import locked_folder
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
from hoiquy.workflows.pretraining.corpus import listed, read_bare, stored


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
        texts: A source or a list of them, as in `pretrain`. Texts that are among the labelled
            documents of the teachers' data are left out.
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
    with new_run_folder(out) as folder, locked_folder(folder, lambda: "hoiquy pseudo-label"):
        create_run_folder(folder)  # another process may have been first
        remove_unfinished(folder)  # of a killed process
        try:
            start_compiling(on_event)
            dataset = _data_of(chosen, data, on_event)
            unseen, left_out = _unseen(sources, dataset, options, all_rows, on_event)
            finish_compiling(on_event)
            facts, documents = _labelled(chosen, dataset, unseen, left_out, sharpness, on_event)
            return write_soft_labels(folder, facts, documents, stopwatch.cost())
        except BaseException:
            remove_unfinished(folder)
            raise


def _data_of(chosen: Sequence[Run | str], data: Any, on_event: Listener) -> Dataset:
    """The data set of the runs. Raises RunError if it has changed."""
    run = first_run(chosen)
    environment = run.environment()
    with moved_data_hint():
        source = data_source_of_run(run.folder, environment, data).relocated(data)
        dataset = source.load(reading(on_event))
    before = run.result.data_fingerprint
    if dataset.fingerprint() != before:
        raise RunError(
            f"{dataset.name} is not the data that {run.folder} was trained on: "
            f"{dataset.fingerprint()[:12]}, expected {before[:12]}; name that data: --data PATH"
        )
    return dataset


def _unseen(
    sources: list[Any], dataset: Dataset, options: TableOptions, all_rows: bool, on_event: Listener
) -> tuple[StoredTexts, int]:
    """The texts that are not empty and have no label, and the number of labelled ones."""
    labelled = document_keys(dataset)
    left_out = 0

    def without_labels() -> Iterator[str]:
        nonlocal left_out
        for text in read_bare(sources, options, all_rows, on_event):
            if not text or text.isspace():
                continue
            if text_key(text) in labelled:
                left_out += 1
            else:
                yield text

    found = stored(without_labels())
    if left_out:
        on_event(
            DataRead(f"{left_out:,} texts are among the documents of {dataset.name}: left out")
        )
    if not len(found):
        raise DataError(
            f"no text to label: {left_out:,} are among the documents of {dataset.name}, and the "
            f"others are empty; name texts that have no label yet"
        )
    return found, left_out


def _labelled(
    chosen: Sequence[Run | str],
    dataset: Dataset,
    unseen: StoredTexts,
    left_out: int,
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
        of_texts.append(log_probabilities(teacher.predict_all(unseen, on_event)))
        teachers.append(teacher)
    weights, of_each, together = _weighed(run, of_validation, validation.labels)
    facts = SoftLabelFacts(
        kind="soft_labels",
        hoiquy=metadata.version("hoiquy"),
        classes=list(dataset.classes),
        data=dataset.name,
        data_fingerprint=dataset.fingerprint(),
        validation_documents=len(validation),
        documents=len(unseen),
        left_out=left_out,
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
    return facts, SoftLabelledDocuments(unseen, probabilities)


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
