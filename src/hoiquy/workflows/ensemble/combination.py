"""Weights of the members of an ensemble, and offsets of the classes, from held-out predictions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Probabilities
from hoiquy.runs.ensemble import HeldOut, Metric
from hoiquy.training.stacking import fit_stacking_weights, log_combined

Labels = NDArray[np.integer]
# How much of macro F1 is wanted beside accuracy, and how much of an offset that was found on few
# documents is taken. Chosen on parts of the training files of six sets: docs/auto.md.
_WEIGHT_OF_F1: dict[Metric, float] = {"accuracy": 1.0, "macro_f1": 4.0}
_TAKEN = 0.6
_GRID = np.linspace(-1.5, 1.5, 25)
_ROUNDS = 3
_LEAST_GAIN = 1e-12
_PENALTY = 0.3  # of an offset of 1, over the root of the documents: it must gain more
_PARTS = 5  # of the cross-validated measures


class Combination:
    """Members combined: p_c ∝ exp(b_c + Σ_k w_k log p_kc)."""

    def __init__(self, weights: Sequence[float], offsets: NDArray[np.float64]) -> None:
        self.weights, self.offsets = list(weights), offsets

    @classmethod
    def fit(cls, log_p: Sequence[Probabilities], labels: Labels, metric: Metric) -> "Combination":
        """Fit weights by the likelihood of the labels, then the offsets by the metric.

        Args:
            log_p: Of each member, (documents, classes), on documents that it was not trained on.
            labels: (documents,).
            metric: What the offsets aim at. With "log_loss" there are none.
        """
        weights = fit_stacking_weights(log_p, labels)
        unshifted = cls(weights, np.zeros(log_p[0].shape[1]))
        if metric == "log_loss" or not any(weights):
            return unshifted
        found = _best_offsets(unshifted(log_p), labels, _WEIGHT_OF_F1[metric])
        return cls(weights, _TAKEN * found)

    def __call__(self, log_p: Sequence[Probabilities]) -> Probabilities:
        """The logarithms of the combined probabilities, (documents, classes)."""
        return log_combined(log_p, self.weights, self.offsets)


def cross_validated(log_p: Sequence[Probabilities], labels: Labels, metric: Metric) -> HeldOut:
    """Measures of `cross_combined`."""
    return measures(cross_combined(log_p, labels, metric), labels)


def cross_combined(log_p: Sequence[Probabilities], labels: Labels, metric: Metric) -> Probabilities:
    """The combined log probabilities of each document, by weights that it was not used to fit.

    A single document is predicted by equal weights. Arguments: as of `Combination.fit`.
    """
    if len(labels) < 2:
        return Combination([1 / len(log_p)] * len(log_p), np.zeros(log_p[0].shape[1]))(log_p)
    part = np.arange(len(labels)) % min(_PARTS, len(labels))
    combined = np.zeros_like(log_p[0])
    for number in range(part.max() + 1):
        own, others = part == number, part != number
        fitted = Combination.fit([one[others] for one in log_p], labels[others], metric)
        combined[own] = fitted([one[own] for one in log_p])
    return combined


def measures(log_p: Probabilities, labels: Labels) -> HeldOut:
    """Accuracy, macro F1 and log loss of log probabilities (documents, classes)."""
    classes = log_p.shape[1]
    predicted = log_p.argmax(axis=1)
    counts = np.bincount(labels * classes + predicted, minlength=classes**2)
    loss = -float(log_p[np.arange(len(labels)), labels].mean())
    accuracy = float((predicted == labels).mean())
    return HeldOut(len(labels), accuracy, _macro_f1(counts.reshape(classes, classes)), loss)


def _best_offsets(log_p: Probabilities, labels: Labels, of_f1: float) -> NDArray[np.float64]:
    """Offsets found class by class, the rarest first, on a grid."""
    classes = log_p.shape[1]
    offsets = np.zeros(classes)
    penalty = _PENALTY / np.sqrt(len(labels)) * np.abs(_GRID)
    order = np.argsort(np.bincount(labels, minlength=classes), kind="stable").tolist()
    for _ in range(_ROUNDS):
        before = offsets.copy()
        for number in order:
            gains = _gains(log_p + offsets - _only(number, offsets), labels, number, of_f1)
            best = int((gains - penalty).argmax())
            present = int(np.abs(_GRID - offsets[number]).argmin())
            if gains[best] - penalty[best] > gains[present] - penalty[present] + _LEAST_GAIN:
                offsets[number] = _GRID[best]
        if np.array_equal(before, offsets):
            break
    return offsets


def _only(number: int, offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """The offset of one class, 0 of the others."""
    own = np.zeros_like(offsets)
    own[number] = offsets[number]
    return own


def _gains(log_p: Probabilities, labels: Labels, number: int, of_f1: float) -> NDArray[np.float64]:
    """Accuracy and weighted macro F1 for each offset of the grid of one class, (grid,).

    A document is given the class once the offset exceeds what it lacks; before, the second best.
    """
    classes = log_p.shape[1]
    others = log_p.copy()
    others[:, number] = -np.inf
    second = others.argmax(axis=1)
    lacks = others[np.arange(len(labels)), second] - log_p[:, number]
    # The first offset at which a document is given the class; len(_GRID): none.
    at = np.searchsorted(_GRID, lacks, side="right")
    gained = _counted(at, np.ones(len(at), bool))
    gained_right = _counted(at, labels == number)
    lost = np.stack([_counted(at, second == one) for one in range(classes)], axis=1)
    right = (labels == second)[:, None] & (second[:, None] == np.arange(classes))
    lost_right = np.stack([_counted(at, column) for column in right.T], axis=1)
    predicted = np.bincount(second, minlength=classes) - lost
    correct = right.sum(axis=0) - lost_right
    predicted[:, number], correct[:, number] = gained, gained_right
    true = np.bincount(labels, minlength=classes)
    f1 = 2 * correct / np.maximum(true + predicted, 1)
    accuracy = correct.sum(axis=1) / len(labels)
    return np.asarray(accuracy + of_f1 * f1[:, true > 0].mean(axis=1))


def _counted(at: NDArray[np.int64], which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many documents are given the class at each offset of the grid, (grid,)."""
    return np.cumsum(np.bincount(at[which], minlength=len(_GRID) + 1))[: len(_GRID)]


def _macro_f1(counts: NDArray[np.int64]) -> float:
    """The mean F1 of the classes that occur. counts: (classes, classes), true by predicted."""
    true, predicted = counts.sum(axis=1), counts.sum(axis=0)
    occurs = true > 0
    f1 = 2 * np.diag(counts) / np.maximum(true + predicted, 1)
    return float(f1[occurs].mean()) if occurs.any() else 0.0
