"""Texts without labels, labelled for the networks that train on them: self-training by folds.

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR. The
teachers of a fold did not see the documents that it holds out, and neither does its student, so
these tell how good the student is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.stored_texts import StoredTexts
from hoiquy.data.text_key import text_key
from hoiquy.errors import DataError
from hoiquy.events import Listener, Preparing
from hoiquy.linear.model import LinearClassifier
from hoiquy.nn.losses import ONE_LABEL, Logits
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import Cost
from hoiquy.runs.folder import is_soft_labels, load_cost_of, load_run
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.prepared import SoftLabelledDocuments
from hoiquy.training.stacking import SHARPNESS, combined_logits
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.soft_labels import (
    Measures,
    SoftLabelFacts,
    TeacherFacts,
    write_soft_labels,
)
from hoiquy.workflows.pretraining.corpus import stored
from hoiquy.workflows.unlabelled_texts import UnlabelledTexts

STUDENT = "student"
SOFT_LABELS = "soft-labels"  # in the run folder, with one for each fold
_AT_ONCE = 4096  # texts between two reports of progress
_USED = 0.6  # of a student's time is for training on texts: they are labelled before
_FEWEST_TEXTS, _MOST_TEXTS, _MOST_EPOCHS = 200, 50_000, 3


@dataclass(frozen=True, eq=False)
class FoldTeacher:
    """The models of a fold, which label texts together.

    Attributes:
        classifiers: The linear ones, by member.
        networks: The folders of the networks, by member.
        weights: Of each classifier, then of each network.
    """

    classifiers: dict[str, LinearClassifier]
    networks: dict[str, Path]
    weights: Sequence[float]

    @property
    def names(self) -> list[str]:
        """Of the members, in the order of their weights."""
        return [*self.classifiers, *self.networks]

    def logits(self, texts: Sequence[str], on_event: Listener) -> Logits:
        """(texts, classes): log probabilities."""
        networks = [Predictor.from_run(load_run(folder)) for folder in self.networks.values()]
        found = []
        for begin in range(0, len(texts), _AT_ONCE):
            on_event(Preparing("reading", "labelling texts", begin, len(texts)))
            some = list(texts[begin : begin + _AT_ONCE])
            logits = [ONE_LABEL.normalised(one.margins(some)) for one in self.classifiers.values()]
            logits += [ONE_LABEL.of_probabilities(one.predict_proba(some)) for one in networks]
            found.append(combined_logits(logits, self.weights, ONE_LABEL))
        return np.concatenate(found)


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
    parts = [dataset.train, dataset.test, *([dataset.validation] if dataset.validation else [])]
    seen = {text_key(text) for part in parts for text in part.texts}

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
    folder: Path, teacher: Callable[[], FoldTeacher], texts: StoredTexts, dataset: Dataset,
    on_event: Listener,
) -> SoftLabelStart:  # fmt: skip
    """Label texts, or read the labels that a folder has.

    Args:
        folder: Of these soft labels.
        teacher: Makes the one that labels them.
        texts: To be labelled.
        dataset: With the documents that the student is trained on as well.
        on_event: Hears of the labelling.
    """
    if not is_soft_labels(folder):
        chosen = teacher()
        logits = ONE_LABEL.normalised(SHARPNESS * chosen.logits(texts, on_event))
        probabilities = np.exp(logits).astype(np.float32)
        documents = SoftLabelledDocuments(texts, probabilities)
        folder.mkdir(parents=True, exist_ok=True)
        write_soft_labels(folder, _facts(chosen, documents, dataset), documents, Cost())
    return SoftLabelStart.load(folder)


def _facts(
    teacher: FoldTeacher, documents: SoftLabelledDocuments, dataset: Dataset
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
            TeacherFacts(name, None, None, weight, unmeasured)
            for name, weight in zip(teacher.names, teacher.weights, strict=True)
        ],
        together=unmeasured,
        sharpness=SHARPNESS,
    )
