"""How good a test accuracy is, from its 95% interval, the majority class and the sample size.

Skill is the share of the majority class's errors that a model avoids: 0 is no better than always
predicting the majority class, 1 is perfect. A grade is stated only if the whole interval of the
accuracy lies within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.judgement.sample_size import documents_for, is_narrow, precision_of
from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.comparison.statistics.paired import agreement, mcnemar_mid_p, paired_interval
from hoiquy.data.label_array import Labels

SIGNIFICANCE = 0.05
WEAK_SKILL = 0.08  # 54% accuracy on two equal classes; less is of no use
FAIR_SKILL = 0.3  # 65%
GOOD_SKILL = 0.6  # 80%

Correct = NDArray[np.bool_]  # (documents,)
Chance = Literal["above", "below", "undecided"]


class Grade(IntEnum):
    """Grades by skill."""

    USELESS = 0
    WEAK = 1
    FAIR = 2
    GOOD = 3


@dataclass(frozen=True)
class AgainstMajority:
    """A model beside always predicting the majority class, on the same documents."""

    chance: Chance
    p_value: float  # McNemar's mid-p


@dataclass(frozen=True)
class AccuracyJudgement:
    """What may be said of a test accuracy; fractions.

    Attributes:
        accuracy: Of the model.
        low, high: Its 95% interval (Wilson's, over the documents).
        majority: Accuracy of always predicting the most frequent class, or set of labels.
        documents: Number of test documents.
        chance: Whether the model is better than the majority class on these documents.
        p_value: Of that comparison.
    """

    accuracy: float
    low: float
    high: float
    majority: float
    documents: int
    chance: Chance
    p_value: float

    @property
    def skill(self) -> float:
        """Share of errors avoided relative to the majority class: 1 is perfect, 0 no better."""
        return (self.accuracy - self.majority) / (1 - self.majority) if self.majority < 1 else 0.0

    @property
    def lowest(self) -> Grade:
        """The grade of the lower end of the interval; useless unless better than the majority."""
        return self._grade(self.low) if self.chance == "above" else Grade.USELESS

    @property
    def highest(self) -> Grade:
        """The grade of the upper end of the interval."""
        return max(self._grade(self.high), self.lowest)

    @property
    def precision(self) -> float:
        """Half the width of an interval that is narrow enough to grade by, a fraction."""
        return precision_of(self.majority)

    @property
    def documents_needed(self) -> int:
        """Test documents for an interval of ± `precision`."""
        return documents_for(self.low, self.high, self.majority)

    @property
    def too_few(self) -> bool:
        """Whether the documents are too few for a grade."""
        return self.lowest != self.highest and not is_narrow(self.low, self.high, self.majority)

    @property
    def key(self) -> str:
        """Which sentence holds; the keys of the catalogue begin with "remark."."""
        if self.majority >= 1:
            return "one_class"
        if self.lowest == self.highest:
            return ("bad_model", "weak_model", "fair_model", "good_model")[self.lowest]
        if self.too_few:
            return "too_few_better" if self.chance == "above" else "too_few"
        if self.lowest == Grade.USELESS:
            return "hardly_better" if self.chance == "above" else "not_shown_better"
        return "between_grades"

    @property
    def chance_key(self) -> str | None:
        """Which sentence on chance level holds; None unless the whole interval is of no use."""
        if self.majority >= 1 or self.highest > Grade.USELESS:
            return None
        return {"above": "near_chance", "undecided": "at_chance", "below": "below_chance"}[
            self.chance
        ]

    @property
    def is_useful(self) -> bool:
        """Whether the model is certainly of some use."""
        return self.majority < 1 and self.lowest > Grade.USELESS

    def _grade(self, accuracy: float) -> Grade:
        bounds = [accuracy_at(skill, self.majority) for skill in _SKILLS]
        return Grade(sum(accuracy >= bound for bound in bounds))


_SKILLS: Sequence[float] = (WEAK_SKILL, FAIR_SKILL, GOOD_SKILL)


def accuracy_at(skill: float, majority: float) -> float:
    """The accuracy of a skill above the accuracy of the majority class."""
    return majority + skill * (1 - majority)


def judge_accuracy(labels: Labels, correct: Correct) -> AccuracyJudgement:
    """Judge predictions of test documents.

    Args:
        labels: True classes, (documents,), or sets of labels, (documents, labels).
        correct: Whether each document was predicted correctly, (documents,).
    """
    is_majority = of_majority_class(labels)
    found = against_majority(correct, is_majority)
    low, high = accuracy_interval(int(correct.sum()), len(correct))
    majority, accuracy = float(is_majority.mean()), float(correct.mean())
    return AccuracyJudgement(
        accuracy, low, high, majority, len(correct), found.chance, found.p_value
    )


def against_majority(correct: Correct, is_majority: Correct) -> AgainstMajority:
    """Whether a model is better than the majority class, by McNemar's test, as `hoiquy compare`.

    The interval of the difference and that of the accuracy have to agree with the test.
    """
    counts = agreement(correct, is_majority)
    p_value = mcnemar_mid_p(counts)
    low, high = paired_interval(counts)
    own_low, own_high = accuracy_interval(int(correct.sum()), len(correct))
    majority = float(is_majority.mean())
    chance: Chance = "undecided"
    if p_value < SIGNIFICANCE and low > 0 and own_low > majority:
        chance = "above"
    elif p_value < SIGNIFICANCE and high < 0 and own_high < majority:
        chance = "below"
    return AgainstMajority(chance, p_value)


def of_majority_class(labels: Labels) -> Correct:
    """Whether each document has the most frequent class, or set of labels, (documents,)."""
    _, inverse, counts = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    most: Correct = inverse.reshape(-1) == int(counts.argmax())
    return most
