"""Measures of a classifier on labelled documents."""

import numpy as np
from numpy.typing import NDArray


def macro_f1(labels: NDArray[np.int32], predicted: NDArray[np.int64], classes: int) -> float:
    """The mean over classes of F1 = 2 TP / (2 TP + FP + FN); a class never seen counts as 0.

    labels, predicted: (documents,), class numbers from 0.
    """
    confusion = np.bincount(labels * classes + predicted, minlength=classes**2)
    confusion = confusion.reshape(classes, classes)
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * np.diag(confusion) / np.maximum(both, 1)))
