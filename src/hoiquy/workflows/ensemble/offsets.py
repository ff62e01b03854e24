"""Offsets of the classes that raise accuracy and macro F1 on held-out documents.

They are added to logits. Where a document has one label, the class with the largest sum is
predicted, and an offset moves documents from one class to another; where it may have several, each
label above 0 is.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Logits

Labels = NDArray[np.integer]
_Gains = Callable[[Logits, Labels, int, float], NDArray[np.float64]]
_GRID = np.linspace(-1.5, 1.5, 25)
_ROUNDS = 3
_LEAST_GAIN = 1e-12
_PENALTY = 0.3  # of an offset of 1, over the root of the documents: it must gain more


def best_offsets(logits: Logits, labels: Labels, of_f1: float) -> NDArray[np.float64]:
    """Offsets found class by class, the rarest first, on a grid.

    Args:
        logits: (documents, classes), on documents that no model was trained on.
        labels: (documents,), or (documents, labels) of 0 and 1.
        of_f1: How much of macro F1 is wanted beside accuracy.
    """
    classes = logits.shape[1]
    several = labels.ndim == 2
    count = labels.sum(axis=0) if several else np.bincount(labels, minlength=classes)
    gains_of: _Gains = _gains_of_label if several else _gains_of_class
    offsets = np.zeros(classes)
    penalty = _PENALTY / np.sqrt(len(labels)) * np.abs(_GRID)
    order = np.argsort(count, kind="stable").tolist()
    for _ in range(_ROUNDS):
        before = offsets.copy()
        for number in order:
            gains = gains_of(logits + offsets - _only(number, offsets), labels, number, of_f1)
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


def _gains_of_class(
    logits: Logits, labels: Labels, number: int, of_f1: float
) -> NDArray[np.float64]:
    """Accuracy and weighted macro F1 for each offset of the grid of one class, (grid,).

    A document is given the class once the offset exceeds what it lacks; before, the second best.
    """
    classes = logits.shape[1]
    others = logits.copy()
    others[:, number] = -np.inf
    second = others.argmax(axis=1)
    lacks = others[np.arange(len(labels)), second] - logits[:, number]
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


def _gains_of_label(
    logits: Logits, labels: Labels, number: int, of_f1: float
) -> NDArray[np.float64]:
    """Subset accuracy and weighted macro F1 for each offset of the grid of one label, (grid,).

    Of macro F1, the share of this label.
    """
    has = labels[:, number] == 1
    others_right = (logits > 0) == (labels == 1)
    others_right[:, number] = True
    candidates = others_right.all(axis=1)
    # The first offset at which a document is given the label; len(_GRID): none.
    at = np.searchsorted(_GRID, -logits[:, number], side="right")
    predicted, correct = _counted(at, np.ones(len(at), bool)), _counted(at, has)
    f1 = 2 * correct / np.maximum(has.sum() + predicted, 1)
    right = _counted(at, candidates & has) + (candidates & ~has).sum()
    right = right - _counted(at, candidates & ~has)
    return np.asarray(right / len(labels) + of_f1 * f1 / labels.shape[1])


def _counted(at: NDArray[np.int64], which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many documents are given the class at each offset of the grid, (grid,)."""
    return np.cumsum(np.bincount(at[which], minlength=len(_GRID) + 1))[: len(_GRID)]
