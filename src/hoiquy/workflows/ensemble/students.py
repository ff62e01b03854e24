"""Students: networks that train on labelled documents and on texts that teachers have labelled.

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR. The
teachers of a fold did not see the documents that it holds out, and neither do its students, so
these tell how good a student is.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.events import Listener
from hoiquy.nn.losses import log_probabilities
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.recipe.auto import NAME
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Ensemble
from hoiquy.runs.files import Cost
from hoiquy.runs.folder import is_soft_labels
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.stacking import SHARPNESS, sharpened
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    TeacherFacts,
    write_soft_labels,
)
from hoiquy.workflows.distillation.teachers import Teacher
from hoiquy.workflows.ensemble.candidates import Candidate, networks_of
from hoiquy.workflows.ensemble.data_size import DataSize

_USED = 0.85  # of the time is planned, as estimates err
_FEWEST_TEXTS, _MOST_TEXTS = 200, 50_000  # of a fold
_FEWEST_EPOCHS, _MOST_EPOCHS = 2, 3
_LEAST_DOCUMENTS = 25_000  # to train on, over all epochs: few texts have more epochs
_TRAINING = {"training.batch_size": 64, "training.early_stopping": {}}


@dataclass(frozen=True)
class SecondsOfText:
    """What a text without a label takes: to label it, and to train on it once."""

    labelling: float
    training: float


def planned_texts(texts: int, seconds: float | None, of_text: SecondsOfText) -> tuple[int, int]:
    """How many texts the students of a fold train on, and how often; (0, 0) if there is no time.

    Args:
        texts: How many there are to label.
        seconds: For a fold; by default, as long as it takes.
        of_text: What one takes in all networks of a fold.
    """
    count, epochs = min(texts, _MOST_TEXTS), math.inf
    if seconds is not None:
        planned = _USED * seconds
        least = of_text.labelling + _FEWEST_EPOCHS * of_text.training
        count = min(count, int(planned / least))
        if count < min(_FEWEST_TEXTS, texts):
            return 0, 0
        epochs = (planned / count - of_text.labelling) / of_text.training
    most = max(_MOST_EPOCHS, math.ceil(_LEAST_DOCUMENTS / max(count, 1)))
    return count, max(int(min(epochs, most)), _FEWEST_EPOCHS)


def fitting_texts(first: int, took: float, seconds: float) -> int:
    """How many texts a further fold trains on: 0 if there is no time.

    first, took: the texts of the first fold, and its seconds. seconds: for this fold.
    """
    count = min(first, int(first * seconds / max(took, 1e-9)))
    return count if count >= min(_FEWEST_TEXTS, first) else 0


def students_of(
    base: Recipe, size: DataSize, epochs: int, settings: Mapping[str, Any]
) -> list[Candidate]:
    """The networks that `auto` trains on a larger data set, those that are always tried.

    Args:
        base: The recipe `auto` for the labelled documents.
        size: Of the labelled documents and the texts together.
        epochs: See `planned_texts`.
        settings: Of the user.
    """
    own = {**_TRAINING, "training.epochs": epochs, **settings}
    return [
        replace(one, recipe=one.recipe.with_settings(own))
        for one in networks_of(base, size, settings)
        if not one.further
    ]


def rows_of_fold(texts: int, counts: Sequence[int], seed: int) -> NDArray[np.int64]:
    """Which texts the students of a fold train on: others than those before, while there are some.

    texts: How many there are. counts: How many each fold trains on, up to this one.
    """
    order = keyed_generator(seed, Purpose.STUDENT_TEXTS).permutation(texts)
    *before, count = counts
    rows: NDArray[np.int64] = order[(sum(before) + np.arange(min(count, texts))) % max(texts, 1)]
    return rows


def labelled_texts(
    folder: Path, teacher: Callable[[], EnsemblePredictor], texts: StoredTexts, dataset: Dataset,
    on_event: Listener,
) -> SoftLabelStart:  # fmt: skip
    """Label texts, or read the labels that a folder has.

    Args:
        folder: Of these soft labels.
        teacher: Makes what labels them, the models of the fold.
        texts: To be labelled.
        dataset: With the documents that the student is trained on as well.
        on_event: Hears of the labelling.
    """
    if not is_soft_labels(folder):
        fold = teacher()
        predicted = Teacher(NAME, fold.predict_proba).predict_all(texts, on_event)
        log_p = log_probabilities(predicted)
        probabilities = sharpened([log_p], [1.0])
        documents = SoftLabelledDocuments(texts, probabilities.astype(np.float32))
        folder.mkdir(parents=True, exist_ok=True)
        facts = _facts(fold.ensemble, documents, dataset)
        write_soft_labels(folder, facts, documents, Cost())
    return SoftLabelStart.load(folder)


def _facts(
    ensemble: Ensemble, documents: SoftLabelledDocuments, dataset: Dataset
) -> SoftLabelFacts:
    unmeasured = Measures(0.0, 0.0)
    return SoftLabelFacts(
        kind="soft_labels",
        hoiquy=metadata.version("hoiquy"),
        classes=list(dataset.classes),
        data=dataset.name,
        data_fingerprint=dataset.fingerprint(),
        validation_documents=0,
        documents=len(documents),
        left_out=0,
        teachers=[
            TeacherFacts(member.name, None, None, member.weight, unmeasured)
            for member in ensemble.members
        ],
        together=unmeasured,
        sharpness=SHARPNESS,
    )
