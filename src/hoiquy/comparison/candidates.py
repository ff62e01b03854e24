"""Candidates of a comparison: a recipe with all its seeds, or a baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.baselines.saved import Baseline, BaselineFacts
from hoiquy.comparison.statistics.accuracy import accuracy_interval
from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.errors import RunError
from hoiquy.recipe.overrides import flat_settings
from hoiquy.runs.arrays import Predictions
from hoiquy.runs.files import UNLABELLED
from hoiquy.runs.folder import Run

Kind = Literal["network", "baseline"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A recipe with one training per seed, lowest seed first; or a baseline."""

    name: str  # unique within a comparison
    label: str  # for people
    kind: Kind
    seeds: tuple[int, ...]  # empty for a baseline, which has none
    predictions: tuple[Predictions, ...]  # one per seed, on the same documents
    seconds: float  # of one training, the mean over the seeds
    parameters: int
    runs: tuple[Run, ...]  # empty for a baseline
    facts: BaselineFacts | None = None  # of a baseline

    @property
    def could_read(self) -> bool:
        """False for a baseline that is left out of the pairs; see `BaselineFacts.could_read`."""
        return self.facts is None or self.facts.could_read

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each training, fractions."""
        return tuple(float(predictions.right().mean()) for predictions in self.predictions)

    @property
    def accuracy(self) -> float:
        """Mean of `accuracies`."""
        return float(np.mean(self.accuracies))

    @property
    def is_single_training(self) -> bool:
        """Whether it is a network with one training, so that the variance over seeds is unknown."""
        return self.kind == "network" and len(self.predictions) == 1

    @property
    def interval_over(self) -> Literal["seeds", "documents"]:
        """Whether `interval` is over the seeds (if several) or over the documents."""
        return "seeds" if len(self.predictions) > 1 else "documents"

    def interval(self) -> tuple[float, float]:
        """The 95% interval of the accuracy: Student's t over seeds, or Wilson's over documents."""
        if self.interval_over == "seeds":
            return mean_interval(self.accuracies)
        correct = self.predictions[0].right()
        return accuracy_interval(int(correct.sum()), len(correct))

    def correct(self) -> NDArray[np.bool_]:
        """(trainings, documents): whether each training predicted each document correctly."""
        return np.stack([predictions.right() for predictions in self.predictions])


def networks(runs: Sequence[Run]) -> list[Candidate]:
    """Group runs that differ only in the seed, in order of first appearance.

    Groups with the same recipe name get the settings that differ added to their names.
    Raises RunError if two runs are the same training.
    """
    groups = alike(runs, settings_of)
    names = _names([settings for settings, _ in groups])
    return [_network(name, group) for name, (_, group) in zip(names, groups, strict=True)]


def alike(
    runs: Sequence[Run], settings_of: Callable[[Run], dict[str, Any]]
) -> list[tuple[dict[str, Any], list[Run]]]:
    """Group runs of equal settings, in order of first appearance."""
    groups: list[tuple[dict[str, Any], list[Run]]] = []
    for run in runs:
        settings = settings_of(run)
        group = next((group for known, group in groups if known == settings), None)
        if group is None:
            groups.append((settings, [run]))
        else:
            group.append(run)
    return groups


def settings_of(run: Run) -> dict[str, Any]:
    """Settings that define a candidate, by key as `--set` writes it: `training.epochs`, `engine` …

    Seed and description are left out. `soft_labelled` is the number of soft-labelled documents, and
    `iteration` the iteration of self-training; the soft labels themselves may differ by seed.
    `ensemble` is what an ensemble aims at, `minutes` its time budget,
    `unlabelled` whether it learned from texts without labels.
    """
    settings = flat_settings(run.recipe.model_dump(exclude_none=True))
    del settings["training.seed"], settings["description"]
    settings["engine"] = run.result.engine
    if run.result.is_ensemble:
        settings["ensemble"] = run.result.metric
        if run.result.minutes is not None:
            settings["minutes"] = run.result.minutes
        if UNLABELLED in run.environment():
            settings["unlabelled"] = True
    if run.result.soft_labelled_documents:
        settings["soft_labelled"] = run.result.soft_labelled_documents
        settings["iteration"] = run.result.pseudo_label_iteration
    return settings


def baseline_candidate(baseline: Baseline) -> Candidate:
    facts = baseline.facts
    return Candidate(
        name=facts.name,
        label=facts.name,
        kind="baseline",
        seeds=(),
        predictions=(baseline.predictions,),
        seconds=facts.seconds,
        parameters=facts.parameters,
        runs=(),
        facts=facts,
    )


def _network(name: str, group: list[Run]) -> Candidate:
    ordered = sorted(group, key=lambda run: run.result.seed)
    for one, other in pairwise(ordered):
        if one.result.seed == other.result.seed:
            raise RunError(
                f"{one.folder} and {other.folder} are the same training ({name}, seed "
                f"{one.result.seed}): name only one of them"
            )
    return Candidate(
        name=name,
        label=name,
        kind="network",
        seeds=tuple(run.result.seed for run in ordered),
        predictions=tuple(run.predictions() for run in ordered),
        seconds=float(np.mean([run.cost().seconds for run in ordered])),
        parameters=ordered[0].result.parameters,
        runs=tuple(ordered),
    )


def _names(settings: list[dict[str, Any]]) -> list[str]:
    """The recipe names; those that occur twice with the settings that differ."""
    names = []
    for own in settings:
        alike = [other for other in settings if other["name"] == own["name"]]
        apart = [
            f"{key}={value}"
            for key, value in own.items()
            if any(other.get(key) != value for other in alike)
        ]
        names.append(" ".join([own["name"], *apart]))
    return names
