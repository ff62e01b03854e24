"""The finished models of an ensemble, with their predictions for held-out documents."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Logits
from hoiquy.runs.ensemble import Ensemble, HeldOut, Member, Metric
from hoiquy.training.stacking import fit_stacking_weights
from hoiquy.workflows.ensemble.candidates import LINEAR, LSA
from hoiquy.workflows.ensemble.combination import (
    Combination,
    cross_combined,
    cross_validated,
    measures,
)

_NO_WEIGHT = 0.01
_NO_GAIN = 0.003  # of the log loss: less is luck, and predictions would take several times as long


@dataclass
class Members:
    """The models by member.

    Attributes:
        labels: Of the training documents.
        models: Of each member, its folders with (documents, classes) logits, NaN where a model was
            trained on the document.
    """

    labels: NDArray[np.integer[Any]]
    models: dict[str, dict[str, Logits]] = field(default_factory=dict)

    def add(self, member: str, folder: Path, logits: Logits) -> None:
        """Add a finished model."""
        self.models.setdefault(member, {})[folder.name] = logits

    def ensemble(self, metric: Metric, names: list[str]) -> Ensemble:
        """Combine some members on the documents that all of them have predicted."""
        logits, rows = self._common(names)
        fitted = Combination.fit(logits, self.labels[rows], metric)
        held_out = cross_validated(logits, self.labels[rows], metric)
        return self._of(metric, names, fitted, held_out)

    def ensemble_so_far(self, metric: Metric, names: list[str]) -> Ensemble:
        """The same without offsets, and measured on the documents that the weights were fitted on.

        Offsets and cross-validation take seconds where classes are many.
        """
        logits, rows = self._common(names)
        fitted = Combination.fit(logits, self.labels[rows], "log_loss")
        return self._of(metric, names, fitted, measures(fitted(logits), self.labels[rows]))

    def _of(
        self, metric: Metric, names: list[str], fitted: Combination, held_out: HeldOut
    ) -> Ensemble:
        kinds: dict[str, Literal["linear", "network"]] = {LINEAR: "linear", LSA: "linear"}
        members = [
            Member(name, kinds.get(name, "network"), weight, list(self.models[name]))
            for name, weight in zip(names, fitted.weights, strict=True)
        ]
        return Ensemble(metric, members, fitted.offsets.tolist(), held_out)

    def linear_accuracy(self, names: list[str]) -> float:
        """Accuracy of the linear classifier alone on the documents that all members predicted."""
        log_p, rows = self._common(names)
        return measures(log_p[names.index(LINEAR)], self.labels[rows]).accuracy

    def without_networks(self) -> list[str]:
        """The members that are always weighed."""
        return [name for name in (LINEAR, LSA) if name in self.models]

    def worth(self, names: list[str]) -> list[str]:
        """The networks that count beside the others, the most useful one first.

        They are taken one after the other, each the one that lowers the cross-validated log loss
        most beside those taken before, as long as it does. A network that then has no weight is
        left out.
        """
        always = self.without_networks()
        logits, rows = self._common([*always, *names])
        of = dict(zip([*always, *names], logits, strict=True))
        labels = self.labels[rows]

        def loss(some: list[str]) -> float:
            combined = cross_combined([of[name] for name in some], labels, "log_loss")
            return measures(combined, labels).log_loss

        taken, left = list(always), list(names)
        before = loss(taken)
        while left:
            losses = {name: loss([*taken, name]) for name in left}
            best = min(left, key=lambda name: losses[name])
            if losses[best] > before * (1 - _NO_GAIN):
                break
            before = losses[best]
            taken.append(best)
            left.remove(best)
        weights = fit_stacking_weights([of[name] for name in taken], labels)
        return [
            name
            for name, weight in zip(taken, weights, strict=True)
            if name not in always and weight > _NO_WEIGHT
        ]

    def best(self, names: list[str]) -> str:
        """The one with the lowest log loss on the documents that all of them have predicted."""
        logits, rows = self._common(names)
        losses = [measures(one, self.labels[rows]).log_loss for one in logits]
        return names[int(np.argmin(losses))]

    def _common(self, names: list[str]) -> tuple[list[Logits], NDArray[np.int64]]:
        """The mean logits of each member, and the rows that all have predicted."""
        means = [mean_of_models(list(self.models[name].values())) for name in names]
        rows = np.flatnonzero(~np.any([np.isnan(one[:, 0]) for one in means], axis=0))
        return [one[rows] for one in means], rows


def mean_of_models(logits: list[Logits]) -> Logits:
    """The mean of those that are not NaN; NaN where all are."""
    known = np.array([~np.isnan(one[:, 0]) for one in logits])
    total = sum(np.nan_to_num(one) for one in logits)
    count = known.sum(axis=0)[:, None]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
