"""Who teaches: trained runs, and NB-SVM, which is trained for it.

Where the first run was taught itself, NB-SVM learns from its lesson as well: two kinds of
classifier that see different things in a text and label texts for each other are co-training (Blum
and Mitchell 1998, "Combining labeled and unlabeled data with co-training", COLT).
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
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.files import WEIGHTS
from hoiquy.runs.folder import Run, check_was_tested, load_run
from hoiquy.system.checksummed_files import read_checksummed, sha256
from hoiquy.workflows.distillation.initialise import SoftLabelStart

NB_SVM = "nb-svm"
SURE = 0.95  # of a lesson, from which a document counts as labelled: some 0.73 before its cubes
_AT_ONCE = 4096  # texts that are answered before progress is told

Answers = NDArray[np.floating]  # (documents, classes)


@dataclass(frozen=True, eq=False)
class Teacher:
    """What gives a text a probability of each class.

    name: as it was named. weights_sha256: of a run. settings: of NB-SVM. answer: the probabilities
    of some texts, which may add up to anything, and do not depend on the company of a text.
    """

    name: str
    answer: Callable[[Sequence[str]], Answers]
    weights_sha256: str | None = None
    settings: dict[str, float | str] | None = None

    def answers(self, texts: Sequence[str], on_event: Listener) -> Answers:
        """(documents, classes): its probabilities of the texts, one after the other."""
        found = []
        for begin in range(0, len(texts), _AT_ONCE):
            on_event(Preparing("reading", f"{self.name} answers texts", begin, len(texts)))
            found.append(self.answer(texts[begin : begin + _AT_ONCE]))
        return np.concatenate(found)


def named_teachers(named: Sequence[str | Path | Run]) -> list[Run | str]:
    """The runs of these folders, and NB_SVM for that word, in their order.

    Raises RunError for what is no run that is complete, or has several labels a document, and
    unless all runs have the same data, classes and validation documents; InputError unless there is
    a run, or if one is there twice.
    """
    teachers = [_loaded(one) for one in named]
    names = [str(one.folder.resolve()) if isinstance(one, Run) else one for one in teachers]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise InputError(f"{twice} is named twice among the teachers (--with): name it once")
    runs = [one for one in teachers if isinstance(one, Run)]
    if not runs:
        raise InputError(
            "no run among the teachers: at least one is needed, which says what data to learn "
            "from (--with RUN)"
        )
    for run in runs:
        check_was_tested(run, "cannot teach")
        if run.result.status != "complete":
            raise RunError(
                f"{run.folder} is not complete; finish it first: hoiquy resume {run.folder}"
            )
        if run.result.multilabel:
            raise RunError(
                f"{run.folder} cannot teach: it gives a text several labels, and soft labels are "
                f"for one label of several"
            )
        _check_alike(runs[0], run)
    return teachers


def first_run(teachers: Sequence[Run | str]) -> Run:
    """The run that says what data the teachers have learnt from."""
    return next(one for one in teachers if isinstance(one, Run))


def _loaded(named: str | Path | Run) -> Run | str:
    if isinstance(named, Run):
        return named
    return NB_SVM if named == NB_SVM else load_run(named)


def _check_alike(first: Run, other: Run) -> None:
    """Raise RunError, which names the run and both values, unless both learnt from the same."""
    one, two = first.result, other.result
    for what, value, expected in (
        ("the classes", ", ".join(two.classes), ", ".join(one.classes)),
        ("the data", two.data_fingerprint[:12], one.data_fingerprint[:12]),
        ("validation documents,", two.validation_documents, one.validation_documents),
    ):
        if value != expected:
            raise RunError(
                f"{other.folder} has {what} {value}, but {first.folder} has {expected}: teachers "
                f"must have learnt from the same documents"
            )


def with_soft_labels_of(run: Run, learnt: Documents) -> Documents:
    """The labelled documents, and those of the run's lesson whose class is sure, if it had one.

    Raises RunError if the lesson is not there any more, or is another.
    """
    start = SoftLabelStart.of_run(run.folder, run.environment())
    if start is None:
        return learnt
    probabilities = start.documents.probabilities
    sure = np.flatnonzero(probabilities.max(axis=1) >= SURE)
    texts = [start.documents.texts[row] for row in sure.tolist()]
    labels = probabilities[sure].argmax(axis=1).astype(np.int32)
    return Documents([*learnt.texts, *texts], np.concatenate([learnt.labels, labels]))


def ready(
    teacher: Run | str, dataset: Dataset, learnt: Documents, on_event: Listener, tokens: Tokens
) -> Teacher:
    """A teacher that can answer; NB-SVM is trained on `learnt`, and reads `tokens`.

    Raises RunError for a damaged run, DataError for documents that NB-SVM cannot learn from.
    """
    if isinstance(teacher, Run):
        answer = Predictor.from_run(teacher).predict_proba
        weights = sha256(read_checksummed(teacher.folder, WEIGHTS))
        return Teacher(str(teacher.folder), answer, weights_sha256=weights)
    on_event(Preparing("baseline", f"training {teacher}"))
    classifier = fitted(teacher, learnt, len(dataset.classes), dataset.name, tokens)

    def answer_alone(texts: Sequence[str]) -> Any:
        with threadpool_limits(limits=1):
            return classifier.probabilities(texts)

    return Teacher(teacher, answer_alone, settings=settings_of(teacher, tokens))
