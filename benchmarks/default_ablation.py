"""What each part of the default gives, on training texts that it was not trained on.

    python benchmarks/default_ablation.py judge/runs/*      # of `make judge`, or any `hoiquy train`

The linear classifier's parts are trained again on each fold; the networks' predictions are read
from the run folders. Weights and offsets are cross-fitted, so every text is predicted by models and
weights that it was not used for. Test texts are not read.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.comparison.statistics.paired import agreement, mcnemar_exact
from hoiquy.data.source import data_source_of_run
from hoiquy.events import ignore, reading
from hoiquy.nn.losses import Probabilities
from hoiquy.runs.ensemble import MEMBERS, HeldOut, Metric
from hoiquy.runs.folder import load_environment_of, load_recipe_of
from hoiquy.workflows.ensemble.candidates import LINEAR
from hoiquy.workflows.ensemble.combination import cross_combined, measures
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import load_held_out
from hoiquy.workflows.ensemble.linear import LinearTraining, linear_features
from hoiquy.workflows.ensemble.members import mean_of_models
from hoiquy.workflows.ensemble.plan import Plan, load_plan

Labels = NDArray[np.integer]


@dataclass
class Ablation:
    """The predictions of a run's models for held-out training texts.

    Attributes:
        name: Of the run folder.
        plan: What was trained.
        labels: (documents,).
        linear: The log probabilities of each part of the linear classifier, on all texts.
        members: Those of each member, NaN for texts that no model of it has held out.
    """

    name: str
    plan: Plan
    labels: Labels
    linear: dict[str, Probabilities] = field(default_factory=dict)
    members: dict[str, Probabilities] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "Ablation":
        environment = load_environment_of(folder)
        dataset = data_source_of_run(folder, environment, None).load(reading(ignore))
        found = cls(folder.name, load_plan(folder), dataset.train.labels)
        for name in (LINEAR, *found.plan.networks):
            models = sorted((folder / MEMBERS).glob(f"{name}-[0-9]*" if name != LINEAR else name))
            known = [load_held_out(model, len(found.labels)) for model in models]
            finished = [one for one in known if one is not None]
            if finished:
                found.members[name] = mean_of_models(finished)
        texts = list(dataset.train.texts)
        features = linear_features(found.plan.ngrams[0], load_recipe_of(folder), texts)
        training = LinearTraining(
            features, features.transform(texts), found.labels, list(dataset.classes),
            Folds.of(dataset.train), check=lambda: None,
        )  # fmt: skip
        for penalty in found.plan.penalties or ():
            found.linear[f"C = {penalty:g}"] = training.machine_logits(penalty)
        return found

    def combined(self, log_p: Iterable[Probabilities], metric: Metric) -> Probabilities:
        return cross_combined(list(log_p), self.labels, metric)

    def steps(self) -> dict[str, Probabilities]:
        """From support vector machines alone to the whole, each with all parts before it."""
        chosen = [self.members[name] for name in self.plan.chosen or [] if self._is_whole(name)]
        linear = self.members[LINEAR]
        found = {
            "support vectors": self.combined(self.linear.values(), "log_loss"),
            "+ naive Bayes": self.combined([linear], "log_loss"),
            "+ a network": self.combined([linear, *chosen[:1]], "log_loss"),
            "+ a second one": self.combined([linear, *chosen], "log_loss"),
        }
        return found | {"+ offsets": self.combined([linear, *chosen], "accuracy")}

    def _is_whole(self, name: str) -> bool:
        return not np.isnan(self.members[name]).any()

    def gain(self, name: str) -> float:
        """By how much a network lowers the log loss beside the linear classifier, a share."""
        rows = np.flatnonzero(~np.isnan(self.members[name][:, 0]))
        linear, own = self.members[LINEAR][rows], self.members[name][rows]
        labels = self.labels[rows]
        before = measures(cross_combined([linear], labels, "log_loss"), labels).log_loss
        after = measures(cross_combined([linear, own], labels, "log_loss"), labels).log_loss
        return (before - after) / before


def table_of_steps(ablations: list[Ablation]) -> str:
    """Accuracy, macro F1 and log loss after each step, and McNemar's p against the step before."""
    steps = [one.steps() for one in ablations]
    lines = ["| set | " + " | ".join(steps[0]) + " |", "| --- |" + " --- |" * len(steps[0])]
    means = np.zeros((len(steps[0]), 3))
    for ablation, of_set in zip(ablations, steps, strict=True):
        cells, before = [], None
        for number, log_p in enumerate(of_set.values()):
            found, right = measures(log_p, ablation.labels), log_p.argmax(axis=1) == ablation.labels
            means[number] += np.array(_in_points(found)) / len(ablations)
            p = "" if before is None else f" ({mcnemar_exact(agreement(right, before)):.2g})"
            cells.append(_cell(*_in_points(found)) + p)
            before = right
        lines.append(f"| {ablation.name} | " + " | ".join(cells) + " |")
    lines.append("| mean | " + " | ".join(_cell(*row) for row in means) + " |")
    return "\n".join(lines)


def _in_points(found: HeldOut) -> tuple[float, float, float]:
    return 100 * found.accuracy, 100 * found.macro_f1, found.log_loss


def _cell(accuracy: float, macro_f1: float, log_loss: float) -> str:
    return f"{accuracy:.2f} / {macro_f1:.2f} / {log_loss:.3f}"


def table_of_networks(ablations: list[Ablation]) -> str:
    """By how many per cent each network that was tried lowers the log loss."""
    names = list(dict.fromkeys(name for one in ablations for name in one.plan.networks))
    lines = ["| set | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for one in ablations:
        cells = [f"{100 * one.gain(name):.1f}" if name in one.members else "" for name in names]
        lines.append(f"| {one.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    ablations = [Ablation.of(folder) for folder in parser.parse_args().runs]
    print("Accuracy / macro F1 in per cent / log loss (p of McNemar's test against the left)\n")
    print(table_of_steps(ablations))
    print("\nPer cent by which a network lowers the log loss beside the linear classifier\n")
    print(table_of_networks(ablations))


if __name__ == "__main__":
    main()
