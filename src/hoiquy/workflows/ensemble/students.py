"""Texts without labels, labelled for the networks that train on them: self-training by folds.

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR. The
teachers of a fold did not see the documents that it holds out, and neither does its student, so
these tell how good the student is.
"""

from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.duplicates import document_keys
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.data.text_key import text_key
from hoiquy.errors import DataError
from hoiquy.events import Listener
from hoiquy.nn.losses import log_probabilities
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.recipe.auto import NAME
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Ensemble
from hoiquy.runs.files import Cost
from hoiquy.runs.folder import is_soft_labels, load_cost_of, load_run
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.stacking import SHARPNESS, combined
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    TeacherFacts,
    write_soft_labels,
)
from hoiquy.workflows.distillation.teachers import Teacher
from hoiquy.workflows.pretraining.corpus import stored
from hoiquy.workflows.unlabelled_texts import UnlabelledTexts

STUDENT = "student"
SOFT_LABELS = "soft-labels"  # in the run folder, with one for each fold
_USED = 0.6  # of a student's time is for training on texts: they are labelled before
_FEWEST_TEXTS, _MOST_TEXTS, _MOST_EPOCHS = 200, 50_000, 3


def planned_student(
    recipe: Recipe, texts: int, seconds_of_text: float, seconds: float | None
) -> tuple[Recipe, int] | None:
    """The recipe of the students, and on how many soft-labelled texts each of them trains.

    None where there is no time or there are too few texts.

    Args:
        recipe: Of the network that starts from the language model.
        texts: How many there are to label.
        seconds_of_text: To train on one.
        seconds: For a student; by default, as long as it takes.
    """
    affordable = (
        _MOST_TEXTS if seconds is None else int(_USED * seconds / max(seconds_of_text, 1e-9))
    )
    count = min(texts, affordable, _MOST_TEXTS)
    if count < _FEWEST_TEXTS:
        return None
    epochs = max(1, min(affordable // count, _MOST_EPOCHS))
    return recipe.with_settings({"name": f"auto-{STUDENT}", "training.epochs": epochs}), count


def seconds_of_document(folder: Path) -> float:
    """What training on a document took the network in a run folder."""
    result = load_run(folder).result
    return load_cost_of(folder).seconds / max(result.training_documents * result.epochs, 1)


def texts_to_label(
    unlabelled: UnlabelledTexts, dataset: Dataset, on_event: Listener
) -> StoredTexts:
    """The texts that are no documents of the data set, none twice.

    Raises DataError for texts that cannot be read, or if none is left.
    """
    seen = document_keys(dataset)

    def new() -> Iterator[str]:
        for text in unlabelled.read(on_event):
            key = text_key(text)
            if text and not text.isspace() and key not in seen:
                seen.add(key)
                yield text

    found = stored(new())
    if not len(found):
        raise DataError(
            f"no text without a label: all are empty or documents of {dataset.name}; name others"
        )
    return found


def rows_of_fold(texts: int, wanted: int, fold: int, seed: int) -> NDArray[np.int64]:
    """Which texts the student of a fold trains on: others than those before, while there are some.

    texts: How many there are. wanted: How many at most.
    """
    order = keyed_generator(seed, Purpose.STUDENT_TEXTS).permutation(texts)
    count = min(wanted, texts)
    rows: NDArray[np.int64] = order[(fold * count + np.arange(count)) % max(texts, 1)]
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
        probabilities = combined([log_probabilities(predicted)], [SHARPNESS]).astype(np.float32)
        documents = SoftLabelledDocuments(texts, probabilities)
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
