"""The labels that probabilities predict, and whether they are correct."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.5  # where a document may have several labels, those above it are predicted


def predicted_labels(probabilities: NDArray[Any], multilabel: bool) -> NDArray[Any]:
    """(documents, classes) probabilities → the predicted labels.

    Returns (documents,) int64 class numbers, the most probable class and the first of equals; with
    `multilabel` (documents, classes) uint8, 1 for each label with a probability above THRESHOLD.
    """
    if multilabel:
        return (probabilities > THRESHOLD).astype(np.uint8)
    return np.asarray(probabilities.argmax(axis=1))


def correct_predictions(labels: NDArray[Any], probabilities: NDArray[Any]) -> NDArray[np.bool_]:
    """(documents,): whether the predicted label is correct; of several, whether all of them are.

    labels: (documents,) class numbers, or (documents, classes) of 0 and 1.
    """
    predicted = predicted_labels(probabilities, labels.ndim == 2)
    same = predicted == labels
    return np.asarray(same.all(axis=1) if labels.ndim == 2 else same)
