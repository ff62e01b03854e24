"""Two candidates on the same documents: the difference, its interval, its test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.candidates import Candidate
from hoiquy.comparison.judgement import judge_accuracy
from hoiquy.comparison.statistics.bootstrap import bootstrap_interval
from hoiquy.comparison.statistics.crossed import (
    crossed_difference,
    difference_from_fixed,
    documents_difference,
)
from hoiquy.comparison.statistics.estimate import Estimate
from hoiquy.comparison.statistics.holm import holm
from hoiquy.comparison.statistics.paired import (
    agreement,
    mcnemar_exact,
    mcnemar_mid_p,
    paired_interval,
)

SIGNIFICANCE = 0.05
MAJORITY = "majority"  # name of the baseline

Correct = NDArray[np.bool_]  # (trainings, documents)
Test = Literal["seeds", "documents", "mcnemar"]
Verdict = Literal["first_better", "second_better", "no_difference"]


@dataclass(frozen=True)
class Pair:
    """Two candidates, by name. Fractions; a difference is the first's accuracy minus the second's.

    `test` is the hypothesis: "seeds", whether the recipes differ, with both documents and seeds as
    random; "documents" (one side has a single training) and "mcnemar" (both have), whether these
    trained networks differ, with only the documents as random.
    """

    first: str  # Candidate.name
    second: str
    difference: float
    low: float  # of the 95% interval around the difference
    high: float
    p_value: float  # of this pair alone
    adjusted_p: (
        float  # by Holm, for all pairs of the comparison; as p_value with the majority class
    )
    detectable: bool
    test: Test
    verdict: Verdict
    standard_error: float  # of the difference
    freedom: float  # its degrees of freedom
    # smallest difference that is detected with 80% power; None where a difference was detected, and
    # where both classify the same documents correctly
    smallest_visible: float | None
    exact_p: float | None  # of McNemar's exact test; None for other tests
    bootstrap: tuple[float, float] | None  # 95% interval by resampling documents; None as `exact_p`


@dataclass(frozen=True)
class _Tested:
    """A pair before the correction for the other pairs."""

    test: Test
    estimate: Estimate
    interval: tuple[float, float]
    p_value: float
    exact_p: float | None = None
    bootstrap: tuple[float, float] | None = None
    agrees: int | None = None  # sign of the difference by a judgement that has to agree; 0: none

    def is_difference(self, adjusted_p: float) -> bool:
        """Test and interval must agree: McNemar's and Newcombe's can differ near p = 0.05."""
        low, high = self.interval
        if self.agrees is not None and self.agrees * self.estimate.difference <= 0:
            return False
        return adjusted_p < SIGNIFICANCE and not low <= 0 <= high


def compare_pairs(pairs: Sequence[tuple[Candidate, Candidate]]) -> list[Pair]:
    """Test each pair, with Holm's correction for all of them but those with the majority class.

    Whether a network is better than the majority class is one question about one network, which
    its own report answers, too: `judgement.against_majority` decides both.
    """
    tested = [_test(first, second) for first, second in pairs]
    own = [is_majority_class(second) for _, second in pairs]
    corrected = iter(
        holm([one.p_value for one, alone in zip(tested, own, strict=True) if not alone])
    )
    adjusted = [
        one.p_value if alone else next(corrected) for one, alone in zip(tested, own, strict=True)
    ]
    found = [one.is_difference(p_value) for one, p_value in zip(tested, adjusted, strict=True)]
    missed = [not one for one, alone in zip(found, own, strict=True) if not alone]
    # the level that one more difference would have to reach: Holm's next step
    level = SIGNIFICANCE / max(missed.count(True), 1)
    return [
        _judged(first.name, second.name, one, p_value, SIGNIFICANCE if alone else level)
        for (first, second), one, p_value, alone in zip(pairs, tested, adjusted, own, strict=True)
    ]


def is_majority_class(candidate: Candidate) -> bool:
    """Whether a candidate is the baseline that always predicts the majority class."""
    return candidate.facts is not None and candidate.facts.name == MAJORITY


def _test(first: Candidate, second: Candidate) -> _Tested:
    one, other = first.correct(), second.correct()
    if len(one) == len(other) == 1:
        tested = _test_two_trainings(one, other)
        if is_majority_class(second):
            chance = judge_accuracy(first.predictions[0].labels, one[0]).chance
            agrees = {"above": 1, "below": -1, "undecided": 0}[chance]
            return replace(tested, agrees=agrees)
        return tested
    if first.is_single_training or second.is_single_training:
        estimate = documents_difference(one, other)
        bootstrap = bootstrap_interval(one.mean(axis=0) - other.mean(axis=0))
        interval, p_value = estimate.interval(), estimate.p_value()
        return _Tested("documents", estimate, interval, p_value, bootstrap=bootstrap)
    fixed = second.kind == "baseline"
    estimate = difference_from_fixed(one, other) if fixed else crossed_difference(one, other)
    return _Tested("seeds", estimate, estimate.interval(), estimate.p_value())


def _test_two_trainings(first: Correct, second: Correct) -> _Tested:
    counts = agreement(first[0], second[0])
    return _Tested(
        "mcnemar",
        documents_difference(first, second),
        paired_interval(counts),
        mcnemar_mid_p(counts),
        exact_p=mcnemar_exact(counts),
        bootstrap=bootstrap_interval(first[0].astype(float) - second[0]),
    )


def _judged(first: str, second: str, tested: _Tested, adjusted_p: float, level: float) -> Pair:
    estimate = tested.estimate
    detectable = tested.is_difference(adjusted_p)
    verdict: Verdict = "no_difference"
    if detectable:
        verdict = "first_better" if estimate.difference > 0 else "second_better"
    return Pair(
        first=first,
        second=second,
        difference=estimate.difference,
        low=tested.interval[0],
        high=tested.interval[1],
        p_value=tested.p_value,
        adjusted_p=adjusted_p,
        detectable=detectable,
        test=tested.test,
        verdict=verdict,
        standard_error=estimate.standard_error,
        freedom=estimate.freedom,
        smallest_visible=estimate.smallest_visible(level)
        if estimate.variance and not detectable
        else None,
        exact_p=tested.exact_p,
        bootstrap=tested.bootstrap,
    )
