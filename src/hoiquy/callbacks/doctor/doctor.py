"""A listener that forwards the events of a training and adds diagnostics to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hoiquy.callbacks.doctor.bag_of_words import bag_of_words_accuracy
from hoiquy.callbacks.doctor.before_training import diagnostics_before
from hoiquy.callbacks.doctor.during_training import (
    TEXTS_WITHOUT_WORDS,
    Setting,
    diagnostics_so_far,
    new_diagnostics,
)
from hoiquy.callbacks.doctor.failed_training import Validated, failure
from hoiquy.callbacks.doctor.labels import doubtful_labels
from hoiquy.comparison.judgement import judge_accuracy
from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.events import Diagnosed, EpochFinished, Event, Listener
from hoiquy.nn.metrics import correct_predictions
from hoiquy.recipe.recipe import Recipe
from hoiquy.report.published import PUBLISHED
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.history import EpochRecord
from hoiquy.training.encoding.prepared import Prepared, Split


@dataclass
class Doctor:
    """Forwards all events and reports new warnings after each epoch; notes come at the end."""

    setting: Setting
    before: list[Diagnostic]
    prepared: Prepared
    on_event: Listener
    is_exercise: bool = False  # of the lab, on IMDB
    history: list[EpochRecord] = field(default_factory=list)

    @classmethod
    def examining(
        cls, recipe: Recipe, dataset: Dataset, prepared: Prepared, on_event: Listener
    ) -> "Doctor":
        """Run the checks before the first epoch and report their warnings."""
        before = list(diagnostics_before(recipe, dataset, prepared))
        setting = Setting(
            recipe,
            train_majority=_majority(prepared.train),
            val_majority=_majority(prepared.validation),
            found_before=frozenset(found.key for found in before),
            val_documents=len(prepared.validation),
        )
        doctor = cls(setting, before, prepared, on_event, _is_exercise(recipe, dataset))
        doctor._report(before)
        return doctor

    def __call__(self, event: Event) -> None:
        """Handle an event of the training."""
        self.on_event(event)
        if isinstance(event, EpochFinished):
            self.history.append(event.record)
            self._report(new_diagnostics(self.setting, self.history))

    def diagnostics(self, labels: Labels, probabilities: NDArray[np.float32]) -> list[Diagnostic]:
        """All diagnostics that hold at the end, given the predictions on the test documents.

        A failed training is the first of them, and is reported now unless it was before.
        """
        found = [*self.before, *diagnostics_so_far(self.setting, self.history)]
        failed = self._failure(found)
        if failed is not None and failed.key.startswith("chance_") and len(labels):
            test = judge_accuracy(labels, correct_predictions(labels, probabilities))
            if test.is_useful:  # the test documents show that it is above chance
                found = [one for one in found if not one.key.startswith("chance_")]
                failed = None
        if failed is None:
            return [*found, *doubtful_labels(labels, probabilities)]
        if failed not in found:
            self._report([failed])
        covered = TEXTS_WITHOUT_WORDS if failed.key == "chance_from_words" else failed.key
        others = [one for one in found if not one.key.startswith("chance_") and one.key != covered]
        return [failed, *others, *doubtful_labels(labels, probabilities)]

    def _failure(self, found: Sequence[Diagnostic]) -> Diagnostic | None:
        """For exercises of the lab and for several labels, only what the training showed."""
        if self.is_exercise or self.prepared.train.multilabel:
            return next((one for one in found if one.key.startswith("chance_")), None)
        train, validation = self.prepared.train, self.prepared.validation
        reference = bag_of_words_accuracy(train, validation)
        validated = Validated(len(validation), reference)
        return failure(self.setting, self.history, validated, found)

    def _report(self, diagnostics: Sequence[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            if diagnostic.severity == "warning":
                self.on_event(Diagnosed(diagnostic))


def _is_exercise(recipe: Recipe, dataset: Dataset) -> bool:
    """Whether the recipe and the data are the lab's, whose sheet reports the accuracy."""
    name = recipe.name.removesuffix("-quick")
    return name in PUBLISHED and (dataset.official_test or dataset.name == "imdb-train")


def _majority(split: Split) -> float:
    """Accuracy of always predicting the most frequent class, or set of labels."""
    return float(np.unique(split.labels, axis=0, return_counts=True)[1].max() / len(split))
