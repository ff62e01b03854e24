"""Overfitting and underfitting, from the last epoch, the sample sizes and the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hoiquy.comparison.judgement.accuracy import (
    FAIR_SKILL,
    WEAK_SKILL,
    AccuracyJudgement,
    Grade,
    accuracy_at,
)
from hoiquy.comparison.judgement.curves import LossFacts
from hoiquy.comparison.judgement.sample_size import is_narrow
from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.runs.history import EpochRecord

SMALLEST_GAP = 0.01  # between the accuracies: a smaller one is none, however many the documents

FitKey = Literal[
    "over_fitting", "over_fitting_gap", "over_fitting_gap_only", "over_fitting_loss", "diverging",
    "under_fitting", "no_over_fitting", "fit_unclear", "fit_too_few",
]  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """What may be said of the fit at the last epoch.

    over_fitting            the gap, and the validation loss has turned up
    over_fitting_gap        training accuracy is above the 95 % interval of validation accuracy
    over_fitting_gap_only   the same, where the validation loss rose with the training loss
    over_fitting_loss       the validation loss has turned up, and the accuracies are close
    diverging               the validation loss rose, and the training loss did not fall
    under_fitting           the training set is fitted less than a fair model would
    no_over_fitting         neither, with enough validation documents to see a gap
    fit_unclear             neither, and the training accuracy may be that of a fair model or less
    fit_too_few             neither, with too few validation documents to see a gap
    """

    key: FitKey
    low: float  # 95% interval of the validation accuracy
    high: float


def judge_fit(
    history: Sequence[EpochRecord],
    facts: LossFacts,
    documents: tuple[int, int],
    majority: float,
    test: AccuracyJudgement | None = None,
) -> Fit:
    """Judge the fit.

    Args:
        history: At least one epoch.
        facts: Of the validation loss.
        documents: Numbers of training and validation documents.
        majority: Accuracy of always predicting the most frequent class.
        test: A network that is fair or good on test documents does not underfit.
    """
    end = history[-1]
    train_documents, validation_documents = documents
    low, high = _interval(end.val_accuracy, validation_documents)
    gap = end.accuracy > max(high, end.val_accuracy + SMALLEST_GAP)
    _, train_high = _interval(end.accuracy, train_documents)
    is_fair_on_test = test is not None and test.lowest >= Grade.FAIR
    fair, weak = accuracy_at(FAIR_SKILL, majority), accuracy_at(WEAK_SKILL, majority)
    below_fair = end.accuracy < fair and end.val_accuracy < fair and not is_fair_on_test
    nothing_learnt = below_fair and end.accuracy < weak
    if facts.turned_up and not nothing_learnt:
        key: FitKey = "over_fitting" if gap else "over_fitting_loss"
    elif gap and not nothing_learnt:
        key = "over_fitting_gap_only" if facts.risen else "over_fitting_gap"
    elif facts.risen and not nothing_learnt:
        key = "diverging"
    elif below_fair:
        key = "under_fitting" if train_high < fair else "fit_unclear"
    else:
        key = "no_over_fitting" if is_narrow(low, high, majority) else "fit_too_few"
    return Fit(key, low, high)


def _interval(accuracy: float, documents: int) -> tuple[float, float]:
    if documents < 1:
        return 0.0, 1.0
    return accuracy_interval(round(accuracy * documents), documents)
