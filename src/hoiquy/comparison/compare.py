"""Runs and baselines, compared in pairs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np

from hoiquy.comparison.baselines.saved import Baseline
from hoiquy.comparison.candidates import Contender, baseline_contender, networks
from hoiquy.comparison.pairs import Pair, compare_pairs
from hoiquy.errors import RunError
from hoiquy.runs.arrays import Predictions
from hoiquy.runs.folder import Run, check_was_tested


@dataclass(frozen=True, eq=False)
class Comparison:
    """Contenders, networks first, and the pairs that were compared.

    No pair has a baseline that could not read the documents.
    """

    contenders: tuple[Contender, ...]
    pairs: tuple[Pair, ...]

    def contender(self, name: str) -> Contender:
        """The contender of this name."""
        return next(contender for contender in self.contenders if contender.name == name)

    @property
    def unread(self) -> tuple[Contender, ...]:
        """Baselines that could not read the documents."""
        return tuple(one for one in self.contenders if not one.could_read)

    @property
    def documents(self) -> int:
        """How many test documents all were scored on."""
        return len(self.contenders[0].predictions[0].labels) if self.contenders else 0

    def relabelled(self, labels: Mapping[str, str]) -> "Comparison":
        """The same with other words for people: `labels` are by the name of a recipe.

        What a contender's name says beyond its recipe's, the settings that differ, stays.
        """
        contenders = []
        for contender in self.contenders:
            recipe = contender.runs[0].recipe.name if contender.runs else ""
            if recipe in labels:
                rest = contender.name.removeprefix(recipe)
                contender = replace(contender, label=f"{labels[recipe]}{rest}")
            contenders.append(contender)
        return replace(self, contenders=tuple(contenders))

    def to_json(self) -> str:
        """Everything but the predictions, as JSON text."""
        contenders = [
            {
                "name": contender.name,
                "kind": contender.kind,
                "seeds": contender.seeds,
                "accuracy": contender.accuracy,
                "low": contender.interval()[0],
                "high": contender.interval()[1],
                "interval_over": contender.interval_over,
                "accuracies": contender.accuracies,
                "parameters": contender.parameters,
                "seconds": contender.seconds,
                "runs": [str(run.folder) for run in contender.runs],
                "settings": dict(contender.facts.settings) if contender.facts else None,
                "could_read": contender.could_read,
            }
            for contender in self.contenders
        ]
        pairs = [asdict(pair) for pair in self.pairs]
        data = next((run.result for one in self.contenders for run in one.runs), None)
        facts = {
            "data": data.data if data else None,
            "data_fingerprint": data.data_fingerprint if data else None,
            "official_test": data.official_test if data else None,
            "documents": self.documents,
            "contenders": contenders,
            "pairs": pairs,
        }
        return json.dumps(facts, ensure_ascii=False, indent=2)


def compare_runs(runs: Sequence[Run], baselines: Sequence[Baseline] = ()) -> Comparison:
    """Compare every two networks, and every network with every baseline that could read.

    Runs of the same recipe that differ in the seed alone are one contender.
    Raises RunError for runs that are not complete, on other data, or the same training twice.
    """
    _check_same_data(runs, baselines)
    compared = networks(runs)
    simple = _distinct([baseline_contender(baseline) for baseline in baselines], compared)
    _check_same_labels([*compared, *simple])
    readers = [one for one in simple if one.could_read]
    pairs = [*combinations(compared, 2), *((one, other) for one in compared for other in readers)]
    return Comparison((*compared, *simple), tuple(compare_pairs(pairs)))


def _distinct(baselines: Sequence[Contender], compared: Sequence[Contender]) -> list[Contender]:
    """Each baseline once, though several folders may hold it, and called as no network is."""
    names = {contender.name for contender in compared}
    found: dict[str, Contender] = {}
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


def _check_same_labels(contenders: Sequence[Contender]) -> None:
    every = [(each.label, one) for each in contenders for one in each.predictions]
    for name, predictions in every[1:]:
        if not _same_labels(predictions, every[0][1]):
            raise RunError(
                f"{every[0][0]} and {name} were scored on different test documents: {_ADVICE}"
            )


def _same_labels(one: Predictions, other: Predictions) -> bool:
    return bool(np.array_equal(one.labels, other.labels))
