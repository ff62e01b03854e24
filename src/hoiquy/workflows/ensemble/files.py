"""The files of an ensemble's run folder, at its start, after each model and at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.callbacks.doctor.labels import doubtful_labels
from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource, columns_entry
from hoiquy.nn.shards import default_threads
from hoiquy.prediction.ensemble import EnsemblePredictor, parameters_of
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import Ensemble, ensemble_file
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import (
    COST,
    Cost,
    Metric,
    Result,
    cost_file,
    environment_file,
    recipe_file,
    result_file,
    summary_file,
)
from hoiquy.runs.folder import load_cost_of, load_run
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.checkpointer import Stopwatch
from hoiquy.workflows.run_start import kernels_of
from hoiquy.workflows.tested_files import tested_files


@dataclass
class EnsembleFolder:
    """Writes the files that are not those of a member.

    Attributes:
        path: The run folder, locked.
        recipe: The recipe `auto` for the data set.
        dataset: With its test documents.
        metric: What is aimed at.
        minutes: The time budget, if any.
        changes: Of versions or data, in sessions before.
    """

    path: Path
    recipe: Recipe
    dataset: Dataset
    metric: Metric
    minutes: float | None
    changes: Sequence[str] = ()
    _before: Cost = field(init=False)
    _stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def __post_init__(self) -> None:
        self._before = load_cost_of(self.path) if (self.path / COST).exists() else Cost()

    def start(self, source: DataSource, command: Sequence[str], facts: Mapping[str, Any]) -> None:
        """Write what makes the folder a run, before its first model.

        facts: more for `environment.json`.
        """
        environment = describe_environment(
            engine="hoiquy",
            threads=default_threads(),
            kernels=kernels_of("hoiquy"),
            seed=self.recipe.training.seed,
            data_source=source.location(),
            data_options=source.read_options(),
            command=command,
        )
        environment |= {"data_fingerprint": self.dataset.fingerprint(), "changes": []}
        environment |= columns_entry(self.dataset) | dict(facts)
        files = environment_file(environment) | cost_file(Cost()) | result_file(self._result(0))
        write_checksummed(self.path, files | recipe_file(self.recipe))

    def save_ensemble(self, ensemble: Ensemble) -> None:
        """Save how the models so far predict together."""
        write_checksummed(self.path, ensemble_file(ensemble) | cost_file(self._cost()))

    def finish(self) -> None:
        """Score the test documents once, and write the files of a complete run."""
        predictor = EnsemblePredictor.from_run(load_run(self.path))
        untested = replace(self._result(predictor.parameter_count), status="untested")
        files = summary_file(summary(predictor))
        test = self.dataset.test
        if not len(test):
            write_checksummed(self.path, files | cost_file(self._cost()) | result_file(untested))
            return
        scores, labels = predictor.score(self.dataset)
        words = np.array([len(text.split()) for text in test.texts], np.int64)
        found = doubtful_labels(labels, scores.probabilities)
        tested = tested_files(untested, self.dataset, labels, words, scores, found)
        write_checksummed(self.path, files | cost_file(self._cost()) | tested)

    def _cost(self) -> Cost:
        return self._stopwatch.cost(self._before)

    def _result(self, parameters: int) -> Result:
        dataset = self.dataset
        validation = 0 if dataset.validation is None else len(dataset.validation)
        return Result(
            recipe=self.recipe.name,
            status="interrupted",
            engine="hoiquy",
            seed=self.recipe.training.seed,
            data=dataset.name,
            data_description=dataset.description,
            official_test=dataset.official_test,
            data_fingerprint=dataset.fingerprint(),
            classes=list(dataset.classes),
            train_documents=len(dataset.train),
            validation_documents=validation,
            test_documents=len(dataset.test),
            test_accuracy=None,
            test_loss=None,
            test_macro_f1=None,
            parameters=parameters,
            unreachable_parameters=0,
            epochs=0,
            best_epoch=0,
            changes=list(self.changes),
            multilabel=dataset.multilabel,
            metric=self.metric,
            minutes=self.minutes,
        )


def summary(predictor: EnsemblePredictor) -> str:
    """The members with their weights and models, as a table."""
    lines = [f"{'member':<24}{'weight':>8}{'models':>8}{'parameters':>14}"]
    for member, models in zip(predictor.ensemble.members, predictor.models, strict=True):
        count = sum(map(parameters_of, models))
        lines.append(f"{member.name:<24}{member.weight:>8.2f}{len(models):>8}{count:>14,}")
    held_out = predictor.ensemble.held_out
    accuracy = "subset accuracy" if predictor.multilabel else "accuracy"
    lines.append(
        f"on {held_out.documents:,} training documents, cross-validated: {accuracy} "
        f"{held_out.accuracy:.2%}, macro F1 {held_out.macro_f1:.2%}, log loss "
        f"{held_out.log_loss:.3f}"
    )
    return "\n".join(lines) + "\n"
