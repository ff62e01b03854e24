"""hoiquy beside the baselines: McNemar's exact tests, Holm's correction, intervals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from hoiquy.comparison.statistics.bootstrap import bootstrap_interval
from hoiquy.comparison.statistics.holm import holm
from hoiquy.comparison.statistics.paired import agreement, mcnemar_exact, paired_interval
from judge.f1_interval import f1_difference_interval
from judge.participants import BASELINES, HOIQUY
from judge.results import MEASURES, Results, SetFacts, correct, mean_score

LEVEL = 0.05
Verdict = Literal["better", "worse", ""]


@dataclass(frozen=True)
class Comparison:
    """One training of hoiquy beside one baseline, in accuracy."""

    set: str
    seed: int
    baseline: str
    difference: float  # hoiquy minus baseline, a fraction
    low: float  # of the 95% interval (Newcombe's, paired)
    high: float
    p_value: float  # McNemar's exact test
    adjusted_p: float = 1.0  # by Holm, over all comparisons


@dataclass(frozen=True)
class Difference:
    """The mean of hoiquy's trainings beside the best baseline of a set, in one measure."""

    best: str  # the baseline with the highest value on the test
    best_value: float
    value: float
    difference: float
    low: float  # of the 95% interval, bootstrapped over documents
    high: float


@dataclass(frozen=True)
class SetSummary:
    """A set; the verdicts are on accuracy beside the best baseline, of most seeds."""

    name: str
    differences: dict[str, Difference]  # by measure
    verdict: Verdict  # by Holm's adjusted p-values
    uncorrected: Verdict  # by those of McNemar's tests


@dataclass(frozen=True)
class Summary:
    """The whole run."""

    comparisons: list[Comparison]
    sets: list[SetSummary]

    def mean(self, measure: str) -> float:
        """The mean difference to the best baseline over the sets, a fraction."""
        return float(np.mean([one.differences[measure].difference for one in self.sets]))

    def count(self, verdict: Verdict) -> int:
        return sum(one.verdict == verdict for one in self.sets)

    def count_uncorrected(self, verdict: Verdict) -> int:
        return sum(one.uncorrected == verdict for one in self.sets)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def summarise(results: Results) -> Summary:
    """Compare on every set with an outcome of hoiquy and of a baseline."""
    sets = results.compared()
    comparisons = [one for on in sets for one in _comparisons(results, on)]
    adjusted = holm([one.p_value for one in comparisons])
    comparisons = [replace(one, adjusted_p=p) for one, p in zip(comparisons, adjusted, strict=True)]
    return Summary(comparisons, [_set_summary(results, on, comparisons) for on in sets])


def _comparisons(results: Results, on: SetFacts) -> list[Comparison]:
    found = []
    for outcome in results.found(on.name, HOIQUY):
        for baseline in BASELINES:
            for other in results.found(on.name, baseline):
                counts = agreement(correct(on, outcome), correct(on, other))
                low, high = paired_interval(counts)
                p_value = mcnemar_exact(counts)
                found.append(
                    Comparison(
                        on.name, outcome.seed, baseline, counts.difference, low, high, p_value
                    )
                )
    return found


def _set_summary(results: Results, on: SetFacts, all_of: Sequence[Comparison]) -> SetSummary:
    differences = {measure: _difference(results, on, measure) for measure in MEASURES}
    best = differences["accuracy"].best
    own = [one for one in all_of if (one.set, one.baseline) == (on.name, best)]
    adjusted = [(one.difference, one.adjusted_p) for one in own]
    plain = [(one.difference, one.p_value) for one in own]
    return SetSummary(on.name, differences, _verdict(adjusted), _verdict(plain))


def _difference(results: Results, on: SetFacts, measure: str) -> Difference:
    ours = results.found(on.name, HOIQUY)
    others = {name: results.found(on.name, name) for name in BASELINES}
    values = {name: mean_score(on, of, measure) for name, of in others.items() if of}
    best = max(values, key=lambda name: values[name])
    theirs, value = others[best][0], mean_score(on, ours, measure)
    if measure == "accuracy":
        share = np.mean([correct(on, one) for one in ours], axis=0)
        low, high = bootstrap_interval(share - correct(on, theirs))
    else:
        low, high = f1_difference_interval(
            np.array(on.labels), [np.array(one.predicted) for one in ours],
            np.array(theirs.predicted), len(on.classes),
        )  # fmt: skip
    return Difference(best, values[best], value, value - values[best], low, high)


def _verdict(tests: Sequence[tuple[float, float]]) -> Verdict:
    """What more than half of the seeds show; tests: difference and p-value of each."""
    significant = [difference for difference, p in tests if p < LEVEL]
    if 2 * sum(difference > 0 for difference in significant) > len(tests):
        return "better"
    return "worse" if 2 * sum(difference < 0 for difference in significant) > len(tests) else ""
