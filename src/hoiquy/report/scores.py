"""The test accuracy of a run with its interval, and what may be said of it."""

from dataclasses import dataclass

from hoiquy.comparison.judgement import AccuracyJudgement, judge_accuracy
from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.runs.folder import Run


@dataclass(frozen=True)
class Accuracy:
    """Test accuracy and its 95% interval (Wilson's, over the documents); fractions."""

    accuracy: float
    low: float
    high: float


def accuracy_of(run: Run) -> Accuracy | None:
    """Test accuracy of a run, from its result alone; None while it is interrupted."""
    accuracy, documents = run.result.test_accuracy, run.result.test_documents
    if accuracy is None or documents == 0:
        return None
    return Accuracy(accuracy, *accuracy_interval(round(accuracy * documents), documents))


def score_of(run: Run) -> AccuracyJudgement | None:
    """The judged accuracy of a run; None while it is interrupted.

    Raises RunError for damaged predictions.
    """
    if accuracy_of(run) is None:
        return None
    predictions = run.predictions()
    return judge_accuracy(predictions.labels, predictions.right())
