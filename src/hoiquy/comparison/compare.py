"""Compare runs and baselines in pairs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np

from hoiquy.comparison.baselines.saved import Baseline
from hoiquy.comparison.candidates import Candidate, baseline_candidate, networks
from hoiquy.comparison.pairs import Pair, compare_pairs
from hoiquy.errors import RunError
from hoiquy.runs.arrays import Predictions
from hoiquy.runs.folder import Run, check_was_tested


@dataclass(frozen=True, eq=False)
class Comparison:
    """Candidates, networks first, and the pairs that were compared.

    Baselines that could not read the documents are in no pair.
    """

    candidates: tuple[Candidate, ...]
    pairs: tuple[Pair, ...]

    def candidate(self, name: str) -> Candidate:
        """The candidate of this name."""
        return next(candidate for candidate in self.candidates if candidate.name == name)

    @property
    def unread(self) -> tuple[Candidate, ...]:
        """Baselines that could not read the documents."""
        return tuple(one for one in self.candidates if not one.could_read)

    @property
    def documents(self) -> int:
        """Number of test documents."""
        return len(self.candidates[0].predictions[0].labels) if self.candidates else 0

    def relabelled(self, labels: Mapping[str, str]) -> "Comparison":
        """Return a copy with new labels, given by recipe name.

        The settings that a candidate's name has after the recipe's are kept.
        """
        candidates = []
        for candidate in self.candidates:
            recipe = candidate.runs[0].recipe.name if candidate.runs else ""
            if recipe in labels:
                rest = candidate.name.removeprefix(recipe)
                candidate = replace(candidate, label=f"{labels[recipe]}{rest}")
            candidates.append(candidate)
        return replace(self, candidates=tuple(candidates))

    def to_json(self) -> str:
        """Everything except the predictions, as JSON text."""
        candidates = [
            {
                "name": candidate.name,
                "kind": candidate.kind,
                "seeds": candidate.seeds,
                "accuracy": candidate.accuracy,
                "low": candidate.interval()[0],
                "high": candidate.interval()[1],
                "interval_over": candidate.interval_over,
                "accuracies": candidate.accuracies,
                "parameters": candidate.parameters,
                "seconds": candidate.seconds,
                "runs": [str(run.folder) for run in candidate.runs],
                "settings": dict(candidate.facts.settings) if candidate.facts else None,
                "could_read": candidate.could_read,
            }
            for candidate in self.candidates
        ]
        pairs = [asdict(pair) for pair in self.pairs]
        data = next((run.result for one in self.candidates for run in one.runs), None)
        facts = {
            "data": data.data if data else None,
            "data_fingerprint": data.data_fingerprint if data else None,
            "official_test": data.official_test if data else None,
            "documents": self.documents,
            "candidates": candidates,
            "pairs": pairs,
        }
        return json.dumps(facts, ensure_ascii=False, indent=2)


def compare_runs(runs: Sequence[Run], baselines: Sequence[Baseline] = ()) -> Comparison:
    """Compare every two networks, and every network with every baseline that could read the texts.

    Runs that differ only in the seed are one candidate.
    Raises RunError for incomplete runs, runs on different data, or the same training given twice.
    """
    _check_same_data(runs, baselines)
    compared = networks(runs)
    simple = _distinct([baseline_candidate(baseline) for baseline in baselines], compared)
    _check_same_labels([*compared, *simple])
    readers = [one for one in simple if one.could_read]
    pairs = [*combinations(compared, 2), *((one, other) for one in compared for other in readers)]
    return Comparison((*compared, *simple), tuple(compare_pairs(pairs)))


def _distinct(baselines: Sequence[Candidate], compared: Sequence[Candidate]) -> list[Candidate]:
    """Each baseline once, under a name that no network has."""
    names = {candidate.name for candidate in compared}
    found: dict[str, Candidate] = {}
    for one in baselines:
        name = f"{one.name} (baseline)" if one.name in names else one.name
        found.setdefault(name, replace(one, name=name))
    return list(found.values())


_ADVICE = "score all on the same data set to compare them"


def _check_same_data(runs: Sequence[Run], baselines: Sequence[Baseline]) -> None:
    first = runs[0] if runs else None
    for run in runs:
        check_was_tested(run, "cannot be compared")
        if run.result.status != "complete":
            raise RunError(f"{run.folder} is not complete; finish it: hoiquy resume {run.folder}")
        assert first is not None
        if run.result.data_fingerprint != first.result.data_fingerprint:
            raise RunError(
                f"{first.folder} and {run.folder} were trained and scored on different data: "
                f"{_ADVICE}"
            )
    for baseline in baselines:
        if first and baseline.facts.data_fingerprint != first.result.data_fingerprint:
            raise RunError(
                f"the baseline {baseline.name} was trained on other data than {first.folder}: "
                f"train it again"
            )


def _check_same_labels(candidates: Sequence[Candidate]) -> None:
    every = [(each.label, one) for each in candidates for one in each.predictions]
    for name, predictions in every[1:]:
        if not _same_labels(predictions, every[0][1]):
            raise RunError(
                f"{every[0][0]} and {name} were scored on different test documents: {_ADVICE}"
            )


def _same_labels(one: Predictions, other: Predictions) -> bool:
    return bool(np.array_equal(one.labels, other.labels))
