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
from hoiquy.data.label_array import Labels
from hoiquy.data.labels.labelled_rows import AS_FOUND, TableOptions
from hoiquy.data.source import may_have_moved, source_of
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.data.text_key import content_key
from hoiquy.errors import DataError, InputError, RunError
from hoiquy.events import DataRead, Listener, reading
from hoiquy.nn.losses import Probabilities, log_probabilities
from hoiquy.runs.folder import Run, create_run_folder
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
    Teacher,
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
    options: TableOptions = AS_FOUND,
    all_rows: bool = False,
    sharpness: float = SHARPNESS,
    on_event: Listener | None = None,
) -> SoftLabels:
    """Label texts with teachers into the folder `out`, for `train(soft_labels=out)`.

    The probabilities of the teachers are combined by stacking and raised to a power. Equal teachers
    and texts give equal bytes, on any number of threads. An unfinished labelling leaves no files.

    Args:
        texts: a source or a list of sources, as in `pretrain`. Labelled documents are left out.
        teachers: complete runs on one data set, or their folders, at least one; and "nb-svm", which
            is trained on the same documents.
        out: a new folder.
        data: the data set of the runs, if it has moved or was in memory.
        options: for the texts, as in `bare_texts`.
        all_rows: for the texts, as in `bare_texts`.
        sharpness: the power; 1 leaves the probabilities unchanged.
        on_event: called with each event.

    Raises:
        RunError: the runs do not match, or `out` is not empty.
        DataError: texts or data cannot be used.
        InputError: the sharpness is not a positive number.
    """
    if not 0 < sharpness < math.inf:
        raise InputError(f"sharpness = {sharpness}: expected a number above 0; 1 changes nothing")
    on_event = on_event or default_listener()
    stopwatch = Stopwatch()
    sources, chosen = listed(texts), named_teachers(teachers)
    folder = create_run_folder(out)
    with locked_folder(folder, lambda: "hoiquy pseudo-label"):
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
    with may_have_moved():
        source = source_of(run.folder, environment, data).moved(data)
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
    parts = [dataset.train, dataset.test, *([dataset.validation] if dataset.validation else [])]
    labelled = {content_key(text) for part in parts for text in part.texts}
    left_out = 0

    def without_labels() -> Iterator[str]:
        nonlocal left_out
        for text in read_bare(sources, options, all_rows, on_event):
            if not text or text.isspace():
                continue
            if content_key(text) in labelled:
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
    weights = fit_stacking_weights(of_validation, validation.labels)
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
            _facts(teacher, weight, log_p, validation.labels)
            for teacher, weight, log_p in zip(teachers, weights, of_validation, strict=True)
        ],
        together=_measures(of_validation, weights, validation.labels),
        sharpness=sharpness,
        iteration=1
        + max(one.result.pseudo_label_iteration for one in chosen if isinstance(one, Run)),
    )
    probabilities = combined(of_texts, sharpened(weights, sharpness)).astype(np.float32)
    return facts, SoftLabelledDocuments(unseen, probabilities)


def _facts(teacher: Teacher, weight: float, log_p: Probabilities, labels: Labels) -> TeacherFacts:
    measures = _measures([log_p], [1.0], labels)
    return TeacherFacts(teacher.name, teacher.weights_sha256, teacher.settings, weight, measures)


def _measures(log_p: Sequence[Probabilities], weights: Sequence[float], labels: Labels) -> Measures:
    correct = combined(log_p, weights).argmax(axis=1) == labels
    return Measures(float(correct.mean()), log_loss(log_p, weights, labels)[0])
