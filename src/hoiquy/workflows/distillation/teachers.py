"""Teachers: trained runs, and NB-SVM, which is trained on demand.

If the first run was trained on soft labels, NB-SVM is trained on them as well: classifiers of two
kinds that label texts for each other are co-training (Blum and Mitchell 1998, "Combining labeled
and unlabeled data with co-training", COLT).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from hoiquy.comparison.baselines.tokens import Tokens
from hoiquy.comparison.baselines.training import fitted, settings_of
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import InputError, RunError
from hoiquy.events import Listener, Preparing
from hoiquy.prediction.load import load_predictor
from hoiquy.runs.ensemble import ENSEMBLE
from hoiquy.runs.files import WEIGHTS
from hoiquy.runs.folder import Run, check_was_tested, load_run
from hoiquy.system.checksummed_files import read_checksummed, sha256
from hoiquy.workflows.distillation.initialise import SoftLabelStart

NB_SVM = "nb-svm"
SURE = 0.95  # soft label from which a document counts as labelled: some 0.73 before sharpening
_AT_ONCE = 4096  # texts between two reports of progress

Predicted = NDArray[np.floating]  # (documents, classes)


@dataclass(frozen=True, eq=False)
class Teacher:
    """A classifier that labels texts.

    predict: the probabilities of texts, each independent of the others; rows need not add up to 1.
    """

    name: str
    predict: Callable[[Sequence[str]], Predicted]
    weights_sha256: str | None = None  # of a run; of an ensemble, that of its ensemble.json
    settings: dict[str, float | str] | None = None  # of NB-SVM

    def predict_all(self, texts: Sequence[str], on_event: Listener) -> Predicted:
        """(documents, classes): the probabilities of all texts; reports progress."""
        found = []
        for begin in range(0, len(texts), _AT_ONCE):
            on_event(Preparing("reading", f"{self.name} labels texts", begin, len(texts)))
            found.append(self.predict(texts[begin : begin + _AT_ONCE]))
        return np.concatenate(found)


def named_teachers(named: Sequence[str | Path | Run]) -> list[Run | str]:
    """Load the runs of these folders; "nb-svm" stays as it is.

    Raises RunError for a run that is incomplete, has several labels per document, differs from the
    first in data, classes or validation documents, or is an ensemble beside others; InputError
    without a run or for duplicates.
    """
    teachers = [_loaded(one) for one in named]
    names = [str(one.folder.resolve()) if isinstance(one, Run) else one for one in teachers]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise InputError(f"{twice} is named twice among the teachers (--with): name it once")
    runs = [one for one in teachers if isinstance(one, Run)]
    if not runs:
        raise InputError(
            "no run among the teachers: at least one is needed, as it names the data to train on "
            "(--with RUN)"
        )
    for run in runs:
        check_was_tested(run, "cannot be a teacher")
        if run.result.status != "complete":
            raise RunError(
                f"{run.folder} is not complete; finish it first: hoiquy resume {run.folder}"
            )
        if run.result.multilabel:
            raise RunError(
                f"{run.folder} cannot be a teacher: it predicts several labels per text, and soft "
                f"labels have one"
            )
        _check_alike(runs[0], run)
        if run.result.is_ensemble and len(teachers) > 1:
            raise RunError(
                f"{run.folder} is an ensemble, which was trained on all labelled documents: none "
                f"is left to weight several teachers on; name it alone, or single networks"
            )
    return teachers


def first_run(teachers: Sequence[Run | str]) -> Run:
    """The run whose data and recipe count for all teachers."""
    return next(one for one in teachers if isinstance(one, Run))


def _loaded(named: str | Path | Run) -> Run | str:
    if isinstance(named, Run):
        return named
    return NB_SVM if named == NB_SVM else load_run(named)


def _check_alike(first: Run, other: Run) -> None:
    """Raise RunError unless both runs were trained on the same documents."""
    one, two = first.result, other.result
    for what, value, expected in (
        ("the classes", ", ".join(two.classes), ", ".join(one.classes)),
        ("the data", two.data_fingerprint[:12], one.data_fingerprint[:12]),
        ("validation documents,", two.validation_documents, one.validation_documents),
    ):
        if value != expected:
            raise RunError(
                f"{other.folder} has {what} {value}, but {first.folder} has {expected}: teachers "
                f"must be trained on the same documents"
            )


def with_soft_labels_of(run: Run, train: Documents) -> Documents:
    """The labelled documents, and the run's soft-labelled ones of at least `SURE`.

    Raises RunError if the run's soft labels are missing or have changed.
    """
    start = SoftLabelStart.of_run(run.folder, run.environment())
    if start is None:
        return train
    probabilities = start.documents.probabilities
    sure = np.flatnonzero(probabilities.max(axis=1) >= SURE)
    texts = [start.documents.texts[row] for row in sure.tolist()]
    labels = probabilities[sure].argmax(axis=1).astype(np.int32)
    return Documents([*train.texts, *texts], np.concatenate([train.labels, labels]))


def load_teacher(
    teacher: Run | str, dataset: Dataset, train: Documents, on_event: Listener, tokens: Tokens
) -> Teacher:
    """Load a run's weights, or train NB-SVM on the `tokens` of documents.

    Raises RunError for a damaged run, DataError for documents that NB-SVM cannot be trained on.
    """
    if isinstance(teacher, Run):
        weights = sha256(
            read_checksummed(teacher.folder, ENSEMBLE if teacher.result.is_ensemble else WEIGHTS)
        )
        return Teacher(str(teacher.folder), load_predictor(teacher).predict_proba, weights)
    on_event(Preparing("baseline", f"training {teacher}"))
    classifier = fitted(teacher, train, len(dataset.classes), dataset.name, tokens)

    def predict(texts: Sequence[str]) -> Any:
        with threadpool_limits(limits=1):
            return classifier.probabilities(texts)

    return Teacher(teacher, predict, settings=settings_of(teacher, tokens))
