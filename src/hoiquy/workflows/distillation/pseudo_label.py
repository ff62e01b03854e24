"""Have teachers answer texts without labels, and keep what they say as a lesson."""

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
from hoiquy.training.stacking import SHARPNESS, fit_stacking_weights, log_loss, sharpened, together
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    SoftLabels,
    TeacherFacts,
    forget_half,
    write_soft_labels,
)
from hoiquy.workflows.distillation.teachers import (
    NB_SVM,
    Teacher,
    first_run,
    named_teachers,
    ready,
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
    """Have teachers answer texts without labels, into the folder `out`, for `train(taught=out)`.

    texts: a source or a list of them, as of `pretrain`; those that are among the labelled
    documents of the teachers' data are left out. teachers: complete runs on one data set, or their
    folders, and the word "nb-svm", which is trained on the same documents; one run at least. data:
    where the runs' data set is now, if it has moved, or the object itself if it was one. options,
    all_rows: of the texts, as of `bare_texts`.

    The probabilities of all teachers become one as `stacking` says, and then sharper: to the power
    of `sharpness`, so that 1 leaves them as they are. The same teachers and texts
    give the same bytes, on any number of threads. Raises RunError if the runs do not go together,
    or `out` holds something; DataError for texts or data that cannot be used; InputError for a
    sharpness that is no positive number. Nothing is kept of what was not finished.
    """
    if not 0 < sharpness < math.inf:
        raise InputError(f"sharpness = {sharpness}: expected a number above 0; 1 changes nothing")
    on_event = on_event or default_listener()
    stopwatch = Stopwatch()
    sources, chosen = listed(texts), named_teachers(teachers)
    folder = create_run_folder(out)
    with locked_folder(folder, lambda: "hoiquy pseudo-label"):
        create_run_folder(folder)  # another process may have been first
        forget_half(folder)  # of one that was killed
        try:
            start_compiling(on_event)
            dataset = _data_of(chosen, data, on_event)
            unseen, left_out = _unseen(sources, dataset, options, all_rows, on_event)
            finish_compiling(on_event)
            facts, documents = _answered(chosen, dataset, unseen, left_out, sharpness, on_event)
            return write_soft_labels(folder, facts, documents, stopwatch.cost())
        except BaseException:
            forget_half(folder)
            raise


def _data_of(chosen: Sequence[Run | str], data: Any, on_event: Listener) -> Dataset:
    """What the runs have learnt from. Raises RunError if it is another now."""
    run = first_run(chosen)
    environment = run.environment()
    with may_have_moved():
        source = source_of(run.folder, environment, data).moved(data)
        dataset = source.load(reading(on_event))
    before = run.result.data_fingerprint
    if dataset.fingerprint() != before:
        raise RunError(
            f"{dataset.name} is not the data that {run.folder} learnt from: "
            f"{dataset.fingerprint()[:12]}, expected {before[:12]}; say where that is: --data PATH"
        )
    return dataset


def _unseen(
    sources: list[Any], dataset: Dataset, options: TableOptions, all_rows: bool, on_event: Listener
) -> tuple[StoredTexts, int]:
    """The texts that hold something and have no label, and how many of the others there were."""
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
            f"no text to teach: {left_out:,} are among the documents of {dataset.name}, and the "
            f"others are empty; name texts that have no label yet"
        )
    return found, left_out


def _answered(
    chosen: Sequence[Run | str],
    dataset: Dataset,
    unseen: StoredTexts,
    left_out: int,
    sharpness: float,
    on_event: Listener,
) -> tuple[SoftLabelFacts, SoftLabelledDocuments]:
    """Have every teacher answer the validation documents and the texts, and weigh them."""
    run = first_run(chosen)
    learnt, validation = labelled_parts(run.recipe, dataset)
    if NB_SVM in chosen:
        learnt = with_soft_labels_of(run, learnt)
    teachers, of_validation, of_texts = [], [], []
    for one in chosen:  # one after the other: each may be large
        teacher = ready(one, dataset, learnt, on_event, tokens_of([run]))
        of_validation.append(log_probabilities(teacher.answer(validation.texts)))
        of_texts.append(log_probabilities(teacher.answers(unseen, on_event)))
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
    probabilities = together(of_texts, sharpened(weights, sharpness)).astype(np.float32)
    return facts, SoftLabelledDocuments(unseen, probabilities)


def _facts(teacher: Teacher, weight: float, log_p: Probabilities, labels: Labels) -> TeacherFacts:
    alone = _measures([log_p], [1.0], labels)
    return TeacherFacts(teacher.name, teacher.weights_sha256, teacher.settings, weight, alone)


def _measures(log_p: Sequence[Probabilities], weights: Sequence[float], labels: Labels) -> Measures:
    right = together(log_p, weights).argmax(axis=1) == labels
    return Measures(float(right.mean()), log_loss(log_p, weights, labels)[0])
