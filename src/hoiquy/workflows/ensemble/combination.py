"""Weights of the members of an ensemble, and offsets of the classes, from held-out predictions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Link, Logits, link_of
from hoiquy.nn.metrics import correct_predictions, macro_f1, macro_f1_of
from hoiquy.runs.ensemble import HeldOut, Metric
from hoiquy.training.stacking import combined_logits, fit_stacking_weights, log_loss
from hoiquy.workflows.ensemble.offsets import Labels, best_offsets

# How much of macro F1 is wanted beside accuracy, and how much of an offset that was found on few
# documents is taken. Chosen on parts of the training files of six sets: docs/auto.md.
_WEIGHT_OF_F1: dict[Metric, float] = {"accuracy": 1.0, "macro_f1": 4.0}
_TAKEN = 0.6
_PARTS = 5  # of the cross-validated measures


class Combination:
    """Members combined: logits b_c + Σ_k w_k z_kc, with z_kc the logits of member k.

    Where a document has one label, z are log probabilities and p_c ∝ exp(b_c + Σ_k w_k log p_kc).
    """

    def __init__(self, weights: Sequence[float], offsets: NDArray[np.float64], link: Link) -> None:
        self.weights, self.offsets, self.link = list(weights), offsets, link

    @classmethod
    def fit(cls, logits: Sequence[Logits], labels: Labels, metric: Metric) -> "Combination":
        """Fit weights by the likelihood of the labels, then the offsets by the metric.

        Args:
            logits: Of each member, (documents, classes), on documents that it was not trained on.
            labels: (documents,), or (documents, labels) of 0 and 1.
            metric: What the offsets aim at. With "log_loss" there are none.
        """
        weights = fit_stacking_weights(logits, labels)
        unshifted = cls(weights, np.zeros(logits[0].shape[1]), link_of(labels.ndim == 2))
        if metric == "log_loss" or not any(weights):
            return unshifted
        found = best_offsets(unshifted(logits), labels, _WEIGHT_OF_F1[metric])
        return cls(weights, _TAKEN * found, unshifted.link)

    def __call__(self, logits: Sequence[Logits]) -> Logits:
        """The logits of all members together, (documents, classes)."""
        return combined_logits(logits, self.weights, self.link, self.offsets)


def cross_validated(logits: Sequence[Logits], labels: Labels, metric: Metric) -> HeldOut:
    """Measures of `cross_combined`."""
    return measures(cross_combined(logits, labels, metric), labels)


def cross_combined(logits: Sequence[Logits], labels: Labels, metric: Metric) -> Logits:
    """The combined logits of each document, by weights that it was not used to fit.

    A single document is predicted by equal weights. Arguments: as of `Combination.fit`.
    """
    if len(labels) < 2:
        equal = [1 / len(logits)] * len(logits)
        return Combination(equal, np.zeros(logits[0].shape[1]), link_of(labels.ndim == 2))(logits)
    part = np.arange(len(labels)) % min(_PARTS, len(labels))
    combined = np.zeros_like(logits[0])
    for number in range(part.max() + 1):
        own, others = part == number, part != number
        fitted = Combination.fit([one[others] for one in logits], labels[others], metric)
        combined[own] = fitted([one[own] for one in logits])
    return combined


def measures(logits: Logits, labels: Labels) -> HeldOut:
    """Accuracy, macro F1 and log loss of logits (documents, classes); of several labels subset
    accuracy, and macro F1 and log loss over the labels.
    """
    if labels.ndim == 2:
        return _measures_of_several(logits, labels)
    predicted = logits.argmax(axis=1)
    loss = -float(logits[np.arange(len(labels)), labels].mean())
    accuracy = float((predicted == labels).mean())
    return HeldOut(len(labels), accuracy, macro_f1(labels, predicted, logits.shape[1]), loss)


def _measures_of_several(logits: Logits, labels: Labels) -> HeldOut:
    probabilities = link_of(multilabel=True).probabilities(logits)
    accuracy = float(correct_predictions(labels, probabilities).mean())
    loss, _ = log_loss([logits], [1.0], labels)
    return HeldOut(len(labels), accuracy, macro_f1_of(labels, probabilities), loss)
