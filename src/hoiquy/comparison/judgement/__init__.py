"""What may be said of a training, decided once for every report, page, command and notebook.

    accuracy.py     how good a test accuracy is, or that there are too few documents to tell
    curves.py       where the validation loss settles, and whether it rises again
    fit.py          overfitting and underfitting
    sample_size.py  how many documents a verdict needs

These modules decide and word nothing. Whoever writes a sentence takes the key from here, so that
two parts of the program cannot contradict each other.
"""

from hoiquy.comparison.judgement.accuracy import (
    FAIR_SKILL,
    GOOD_SKILL,
    WEAK_SKILL,
    AccuracyJudgement,
    Grade,
    accuracy_at,
    against_majority,
    judge_accuracy,
)
from hoiquy.comparison.judgement.curves import LossFacts, loss_facts
from hoiquy.comparison.judgement.fit import Fit, judge_fit

__all__ = [
    "FAIR_SKILL",
    "GOOD_SKILL",
    "WEAK_SKILL",
    "AccuracyJudgement",
    "Fit",
    "Grade",
    "LossFacts",
    "accuracy_at",
    "against_majority",
    "judge_accuracy",
    "judge_fit",
    "loss_facts",
]
