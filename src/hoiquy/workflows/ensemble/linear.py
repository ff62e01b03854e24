"""Train the linear member of an ensemble, and predict each document by others' weights.

It is the weighted sum of several linear classifiers of the same n-grams, and so itself a linear
classifier: support vector machines with several penalties, and naive Bayes of two kinds on words
and on characters. Their weights are found on held-out documents.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hoiquy.linear.features import Features
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import LinearClassifier, Weights, weighted_sum
from hoiquy.linear.naive_bayes import Kind, fit_naive_bayes
from hoiquy.nn.losses.output import log_softmax
from hoiquy.runs.linear_files import save_linear
from hoiquy.training.stacking import fit_stacking_weights, log_combined
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import save_held_out

PENALTIES = (1.0, 0.1, 0.3)  # of support vector machines, as far as there is time
_KINDS: tuple[Kind, ...] = ("multinomial", "complement")
_NO_WEIGHT = 1e-3  # of a part beside the largest one, which then is not trained on all documents
_Fit = Callable[[Any, np.ndarray, int], Weights]


@dataclass(frozen=True, eq=False)
class LinearTraining:
    """What the parts are trained on.

    Attributes:
        features: Of all texts: they do not depend on the labels.
        rows: Sparse (documents, columns), the features of the training documents.
        labels: (documents,).
        classes: Their names.
        folds: Which documents are held out.
        check: Called before each of the trainings; may raise, when nothing is saved.
    """

    features: Features
    rows: Any
    labels: np.ndarray
    classes: list[str]
    folds: Folds
    check: Callable[[], None]

    def run(self, folder: Path, choose: Callable[[float], Sequence[float]]) -> None:
        """Train, and save the classifier and its predictions for held-out documents.

        Args:
            folder: Of the member.
            choose: Given the seconds of a support vector machine on all folds, the penalties.
        """
        held_out = np.flatnonzero(self.folds.number >= 0)
        start = time.perf_counter()
        log_p = [self._log_p(_machine(PENALTIES[0]))[held_out]]
        parts = self._parts(choose(time.perf_counter() - start))
        log_p += [self._log_p(fit)[held_out] for fit in list(parts.values())[1:]]
        weights = fit_stacking_weights(log_p, self.labels[held_out])
        if not any(weights):  # too few documents to tell
            weights[0] = 1.0
        least = _NO_WEIGHT * max(weights)
        used = {name: one for name, one in zip(parts, weights, strict=True) if one > least}
        trained = [self._weights(parts[name], self.folds.finally_trained) for name in used]
        summed = weighted_sum(trained, list(used.values()))
        save_linear(LinearClassifier(self.features, summed), self.classes, used, folder)
        save_held_out(folder, held_out, log_combined(log_p, weights))

    def _parts(self, penalties: Sequence[float]) -> dict[str, _Fit]:
        """By name, the support vector machine with the first penalty first."""
        machines = {f"support vectors, C = {one:g}": _machine(one) for one in penalties}
        return machines | {
            f"{kind} naive Bayes, {name}": partial(fit_naive_bayes, kind=kind, columns=columns)
            for name, columns in self.features.columns.items()
            for kind in _KINDS
        }

    def _weights(self, fit: _Fit, trained: np.ndarray) -> Weights:
        self.check()
        return fit(self.rows[trained], self.labels[trained], len(self.classes))

    def _log_p(self, fit: _Fit) -> np.ndarray:
        """The log probabilities of each document, by weights that it did not train."""
        margins = np.zeros((len(self.labels), len(self.classes)))
        for fold in range(self.folds.count):
            rows = self.folds.held_out(fold)
            margins[rows] = self._weights(fit, self.folds.trained(fold)).margins(self.rows[rows])
        return log_softmax(margins)


def _machine(penalty: float) -> _Fit:
    return partial(fit_weights, penalty=penalty)
