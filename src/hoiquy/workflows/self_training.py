"""Self-training: a network and NB-SVM label texts, and a student of the same recipe trains on them.

    OUT/teacher/        the run of the network that trains on labelled documents alone
    OUT/soft-labels/    the texts as this network and NB-SVM label them together
    OUT/                the run of the student

Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", CVPR; labels
from two kinds of classifier are co-training (Blum and Mitchell 1998, COLT).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource, data_source_of_run, moved_data_hint
from hoiquy.errors import DataError
from hoiquy.events import DataRead, Listener
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import RECIPE, SOFT_LABEL_FOLDER, TEACHER, TO_LABEL
from hoiquy.runs.folder import (
    is_soft_labels,
    is_unfinished,
    load_environment_of,
    load_recipe_of,
)
from hoiquy.runs.locked_folder import locked_folder
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.workflows.distillation.initialise import SoftLabelStart
from hoiquy.workflows.distillation.pseudo_label import label_texts
from hoiquy.workflows.distillation.soft_labels import SoftLabelFacts
from hoiquy.workflows.distillation.teachers import NB_SVM
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.read_data import read_data
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.transfer import Transfer
from hoiquy.workflows.unlabelled_texts import TextsWithoutLabel, UnlabelledTexts


@dataclass(frozen=True, eq=False)
class SelfTraining:
    """What is trained on which documents and texts.

    Attributes:
        recipe: Of the teacher and the student.
        dataset: The labelled documents.
        source: Where they are from.
        texts: Those without labels.
        transfer: What both networks start from.
        checkpoint_seconds: The longest time between two checkpoints within an epoch.
        allow_changes: Resume although versions, processor or data have changed.
        command: The command line, for `environment.json`.
    """

    recipe: Recipe
    dataset: Dataset
    source: DataSource
    texts: UnlabelledTexts
    transfer: Transfer = field(default_factory=Transfer)
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    allow_changes: bool = False
    command: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Raise DataError for data that cannot be self-trained on, before hours of training."""
        if self.dataset.multilabel:
            raise DataError(
                f"{self.dataset.name} has several labels a document, and texts without labels "
                f"would get one each: train without them"
            )
        if self.dataset.encoded is not None:
            raise DataError(
                f"{self.dataset.encoded.folder} is a token store without texts of training "
                f"documents, and NB-SVM needs them: give the data that it was encoded from"
            )

    def run(self, folder: Path, on_event: Listener) -> Run:
        """Train in a locked folder what is not trained yet.

        Raises:
            StoppedError: After Ctrl-C or SIGTERM, when all is saved.
            RunError: It would not be the same training.
            DataError: A text cannot be read, or all are documents of the data set.
        """
        teacher, soft_labels = folder / TEACHER, folder / SOFT_LABEL_FOLDER
        to_label = None
        if not is_soft_labels(soft_labels):  # a mistake in them is found before the teacher trains
            to_label = TextsWithoutLabel.of(self.texts.read(on_event), self.dataset, on_event)
        teacher.mkdir(exist_ok=True)
        with locked_folder(teacher, lambda: f"hoiquy resume {folder}"):
            places = {TO_LABEL: self.texts.places()}
            run = self._trained(teacher, self.transfer, on_event, places)
        if to_label is not None:
            labelled = label_texts(to_label, [run, NB_SVM], self.dataset, soft_labels, on_event)
            for line in _summary(labelled.facts):
                on_event(DataRead(line))
        both = replace(self.transfer, soft_labels=SoftLabelStart.load(soft_labels))
        return self._trained(folder, both, on_event)

    def _trained(
        self, folder: Path, transfer: Transfer, on_event: Listener, facts: Mapping[str, Any] = {}
    ) -> Run:
        if (folder / RECIPE).exists() and not is_unfinished(folder):
            return load_run(folder)
        experiment = Experiment(
            self.recipe, self.dataset, self.source, transfer=transfer,
            checkpoint_seconds=self.checkpoint_seconds, allow_changes=self.allow_changes,
            command=self.command, facts=facts,
        )  # fmt: skip
        return experiment.run(folder, experiment.prepare(on_event), on_event)


def resume_self_training(
    folder: Path, data: Any, on_event: Listener, allow_changes: bool,
    checkpoint_seconds: float, tables: Sequence[str | Path | None] = (),
) -> Run:  # fmt: skip
    """Continue a self-training in a locked folder whose student is not begun yet.

    Args:
        folder: Of the student.
        data: Where the labelled documents are now, if they have moved, or the object itself.
        on_event: Hears of the training.
        allow_changes: As in `SelfTraining`.
        checkpoint_seconds: As in `SelfTraining`.
        tables: Where the test and the validation table are now.

    Raises:
        RunError: It would not be the same training, or the texts were in memory.
        DataError: The data cannot be read.
    """
    teacher = folder / TEACHER
    environment, recipe = load_environment_of(teacher), load_recipe_of(teacher)
    texts = UnlabelledTexts.recorded(folder, environment, TO_LABEL)
    assert texts is not None  # see is_self_training
    source = data_source_of_run(teacher, environment, data).relocated(data, *tables)
    with moved_data_hint():
        dataset = read_data(source, "hoiquy", on_event)
    transfer = Transfer.of_run(teacher, environment, recipe)
    training = SelfTraining(
        recipe, dataset, source, texts, transfer, checkpoint_seconds, allow_changes
    )
    return training.run(folder, on_event)


def _summary(facts: SoftLabelFacts) -> Iterator[str]:
    """The validation accuracy of the teachers, each and combined."""
    for teacher in facts.teachers:
        yield f"{Path(teacher.name).name}: validation accuracy {teacher.validation.accuracy:.2%}"
    yield (
        f"{facts.documents:,} texts labelled; validation accuracy of the teachers combined "
        f"{facts.together.accuracy:.2%}"
    )
