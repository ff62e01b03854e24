"""The member of an ensemble that learns from texts without labels which words go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.lsa import DIMENSIONS, LatentSpace
from hoiquy.linear.model import LinearClassifier, Weights, weighted_sum
from hoiquy.nn.losses import ONE_LABEL, Logits
from hoiquy.runs.linear_files import save_linear
from hoiquy.training.stacking import combined_logits, fit_stacking_weights
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import save_held_out

_DIMENSIONS = (20, 50, DIMENSIONS)  # few labels need few


@dataclass(frozen=True, eq=False)
class LsaTraining:
    """Logistic regressions on 20, 50 and 100 directions, weighed on held-out documents.

    Attributes:
        space: The directions.
        rows: Sparse (documents, columns), the features of the training documents.
        labels: (documents,).
        classes: Their names.
        folds: Which documents are held out.
    """

    space: LatentSpace
    rows: Any
    labels: NDArray[np.integer[Any]]
    classes: list[str]
    folds: Folds

    def run(self, folder: Path) -> None:
        """Train, and save the classifier and its predictions for held-out documents."""
        held_out = np.flatnonzero(self.folds.number >= 0)
        logits = [self._held_out_logits(dimensions)[held_out] for dimensions in self._numbers]
        weights = fit_stacking_weights(logits, self.labels[held_out])
        if not any(weights):  # too few documents to tell
            weights[0] = 1.0
        named = zip(map(str, self._numbers), weights, strict=True)
        used = {name: weight for name, weight in named if weight > 0}
        classifier = self._classifier(self.folds.finally_trained, used)
        save_linear(classifier, self.classes, used, folder)
        save_held_out(folder, held_out, combined_logits(logits, weights, ONE_LABEL), ONE_LABEL)

    def of_fold(self, fold: int, used: Mapping[str, float]) -> LinearClassifier:
        """As `LinearTraining.of_fold`."""
        return self._classifier(self.folds.trained(fold), used)

    @property
    def _numbers(self) -> list[int]:
        most = self.space.directions.shape[1]
        return sorted({min(dimensions, most) for dimensions in _DIMENSIONS})

    @cached_property
    def _projected(self) -> NDArray[np.float32]:
        return self.space.project(self.rows)

    def _fit(self, trained: NDArray[np.int64], dimensions: int) -> Weights:
        return self.space.fit_weights(
            self._projected[trained], self.labels[trained], len(self.classes), dimensions
        )

    def _classifier(
        self, trained: NDArray[np.int64], used: Mapping[str, float]
    ) -> LinearClassifier:
        parts = [self._fit(trained, int(name)) for name in used]
        return LinearClassifier(self.space.features, weighted_sum(parts, list(used.values())))

    def _held_out_logits(self, dimensions: int) -> Logits:
        margins = np.zeros((len(self.labels), len(self.classes)))
        for fold in range(self.folds.count):
            rows = self.folds.held_out(fold)
            weights = self._fit(self.folds.trained(fold), dimensions)
            margins[rows] = weights.margins(self.rows[rows])
        return ONE_LABEL.normalised(margins)
