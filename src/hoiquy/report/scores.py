"""The test accuracy of a run with its interval and the majority accuracy."""

from dataclasses import dataclass

import numpy as np

from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.runs.folder import Run
from hoiquy.runs.learning_curves import NEAR_CHANCE


@dataclass(frozen=True)
class Accuracy:
    """Test accuracy and its 95% interval (Wilson's, over the documents); fractions."""

    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Score(Accuracy):
    """Test accuracy and the accuracy of the majority class; fractions."""

    majority: float  # of always predicting the most frequent class, or set of labels

    @property
    def at_chance(self) -> bool:
        """The interval includes the majority accuracy, or is below it."""
        return self.low <= self.majority

    @property
    def near_chance(self) -> bool:
        """At chance, or too close to it to be of use."""
        return self.at_chance or self.accuracy <= self.majority + NEAR_CHANCE

    @property
    def skill(self) -> float:
        """Share of errors avoided relative to the majority class: 1 is perfect, 0 no better."""
        return (self.accuracy - self.majority) / (1 - self.majority) if self.majority < 1 else 0.0


def accuracy_of(run: Run) -> Accuracy | None:
    """Test accuracy of a run, from its result alone; None while it is interrupted."""
    accuracy, documents = run.result.test_accuracy, run.result.test_documents
    if accuracy is None or documents == 0:
        return None
    return Accuracy(accuracy, *accuracy_interval(round(accuracy * documents), documents))


def score_of(run: Run) -> Score | None:
    """Score of a run; None while it is interrupted. Raises RunError for damaged predictions."""
    found = accuracy_of(run)
    if found is None:
        return None
    _, counts = np.unique(run.predictions().labels, axis=0, return_counts=True)
    majority = float(counts.max() / run.result.test_documents)
    return Score(found.accuracy, found.low, found.high, majority)
