"""The listener between a training and whoever shows it: it adds what it finds to the events."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Labels
from hoiquy.doctor.before import findings_before
from hoiquy.doctor.labels import doubtful_labels
from hoiquy.doctor.while_training import Setting, findings_so_far, new_findings
from hoiquy.events import Diagnosed, EpochFinished, Event, Listener
from hoiquy.finding import Finding
from hoiquy.history import EpochRecord
from hoiquy.preparation import Prepared, Split
from hoiquy.recipe import Recipe


@dataclass
class Doctor:
    """Passes all events on, and tells after each epoch what is new. Notes wait for the end."""

    setting: Setting
    before: list[Finding]
    on_event: Listener
    history: list[EpochRecord] = field(default_factory=list)

    @classmethod
    def examining(
        cls, recipe: Recipe, dataset: Dataset, prepared: Prepared, on_event: Listener
    ) -> "Doctor":
        """Look at what is there before the first epoch, and tell it."""
        before = list(findings_before(recipe, dataset, prepared))
        setting = Setting(
            recipe,
            train_majority=_majority(prepared.train),
            val_majority=_majority(prepared.validation),
            found_before=frozenset(found.key for found in before),
        )
        doctor = cls(setting, before, on_event)
        doctor._tell(before)
        return doctor

    def __call__(self, event: Event) -> None:
        """Listen to a training."""
        self.on_event(event)
        if isinstance(event, EpochFinished):
            self.history.append(event.record)
            self._tell(new_findings(self.setting, self.history))

    def findings(self, labels: Labels, probabilities: NDArray[np.float32]) -> list[Finding]:
        """Everything that holds at the end, with the answers to the test documents."""
        return [
            *self.before,
            *findings_so_far(self.setting, self.history),
            *doubtful_labels(labels, probabilities),
        ]

    def _tell(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            if finding.severity == "warning":
                self.on_event(Diagnosed(finding))


def _majority(split: Split) -> float:
    """Accuracy of always predicting the most frequent class, or set of labels."""
    return float(np.unique(split.labels, axis=0, return_counts=True)[1].max() / len(split))
