"""Two contenders on the same documents: the difference, its interval, its test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hoiquy.comparison.contenders import Contender
from hoiquy.statistics.bootstrap import bootstrap_interval
from hoiquy.statistics.crossed import crossed_difference, documents_difference
from hoiquy.statistics.estimate import Estimate
from hoiquy.statistics.holm import holm
from hoiquy.statistics.paired import agreement, mcnemar_exact, mcnemar_mid_p, paired_interval

SIGNIFICANCE = 0.05

Test = Literal["seeds", "documents", "mcnemar"]
Verdict = Literal["first_better", "second_better", "no_difference"]


@dataclass(frozen=True)
class Pair:
    """Two contenders, by name. Fractions; a difference is the first's accuracy minus the second's.

    test says what was asked: "seeds", whether the recipes differ, documents and seeds being drawn
    by chance; "documents" and "mcnemar", whether these trainings differ, documents being drawn by
    chance, where one side has a single training or both have.
    """

    first: str  # Contender.name
    second: str
    difference: float
    low: float  # of the 95 % interval around the difference
    high: float
    p_value: float  # of this pair alone
    adjusted_p: float  # by Holm, for all pairs of the comparison
    detectable: bool
    test: Test
    verdict: Verdict
    standard_error: float
    freedom: float  # degrees of freedom of the standard error
    smallest_visible: float | None  # difference found with 80 % power; None where one was found
    exact_p: float | None = None  # McNemar's exact one beside the mid-p; None for other tests
    bootstrap: tuple[float, float] | None = None  # interval by resampling; None for "seeds"


def compare_pairs(contenders: Sequence[tuple[Contender, Contender]]) -> list[Pair]:
    """Compare each two, with Holm's correction for all of them."""
    alone = [_compare(first, second) for first, second in contenders]
    adjusted = holm([pair.p_value for pair in alone])
    judged = [_judge(pair, p_value) for pair, p_value in zip(alone, adjusted, strict=True)]
    # what one more difference would have to reach, the others being as they are: Holm's next step
    level = SIGNIFICANCE / max(sum(not pair.detectable for pair in judged), 1)
    return [_with_smallest_visible(pair, level) for pair in judged]


def _compare(first: Contender, second: Contender) -> Pair:
    one, other = first.right(), second.right()
    names = first.name, second.name
    if len(one) == len(other) == 1:
        counts = agreement(one[0], other[0])
        estimate = documents_difference(one, other)
        pair = _pair(names, estimate, "mcnemar", paired_interval(counts), mcnemar_mid_p(counts))
        bootstrap = bootstrap_interval(one[0].astype(float) - other[0])
        return replace(pair, exact_p=mcnemar_exact(counts), bootstrap=bootstrap)
    if _speaks_for_itself(first) or _speaks_for_itself(second):
        estimate = documents_difference(one, other)
        pair = _pair(names, estimate, "documents", estimate.interval(), estimate.p_value())
        return replace(pair, bootstrap=bootstrap_interval(one.mean(axis=0) - other.mean(axis=0)))
    estimate = crossed_difference(one, other)
    return _pair(names, estimate, "seeds", estimate.interval(), estimate.p_value())


def _speaks_for_itself(contender: Contender) -> bool:
    """A single training of a network: how another would turn out is not known."""
    return contender.kind == "network" and len(contender.predictions) == 1


def _pair(
    names: tuple[str, str],
    estimate: Estimate,
    test: Test,
    interval: tuple[float, float],
    p_value: float,
) -> Pair:
    return Pair(
        first=names[0],
        second=names[1],
        difference=estimate.difference,
        low=interval[0],
        high=interval[1],
        p_value=p_value,
        adjusted_p=p_value,
        detectable=False,
        test=test,
        verdict="no_difference",
        standard_error=estimate.standard_error,
        freedom=estimate.freedom,
        smallest_visible=None,
    )


def _judge(pair: Pair, adjusted_p: float) -> Pair:
    """Claim a difference only if test and interval both say so: near 0.05 they can disagree."""
    detectable = adjusted_p < SIGNIFICANCE and not pair.low <= 0 <= pair.high
    verdict: Verdict = "no_difference"
    if detectable:
        verdict = "first_better" if pair.difference > 0 else "second_better"
    return replace(pair, adjusted_p=adjusted_p, detectable=detectable, verdict=verdict)


def _with_smallest_visible(pair: Pair, level: float) -> Pair:
    if pair.detectable:
        return pair
    estimate = Estimate(pair.difference, pair.standard_error, pair.freedom)
    return replace(pair, smallest_visible=estimate.smallest_visible(level))
