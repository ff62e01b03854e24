"""Train a linear classifier: support vectors of scikit-learn, one class against the rest."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.model import Weights, rounded

_ABSENT = -10.0  # the margin of a class without training documents, far below a wrong one's -1
_TOLERANCE = 0.1  # of LIBLINEAR; a smaller one changes hardly any prediction
_MOST_ROUNDS = 1000


def fit_weights(
    rows: Any, labels: NDArray[np.integer[Any]], classes: int, penalty: float
) -> Weights:
    """Train on the rows of documents.

    The squared hinge loss is minimised in the dual (Fan et al. 2008, "LIBLINEAR: A library for
    large linear classification", JMLR 9), for each class or, of two, for the second one only.

    Args:
        rows: Sparse (documents, columns) of float32, as `Features.transform` gives them.
        labels: (documents,), or (documents, classes) of 0 and 1 where a document may have several.
        classes: Their number.
        penalty: C of scikit-learn: larger ones fit the training documents more closely.

    Returns:
        The weights, as numbers of float16. A class without training documents gets a very low
        margin, and one that all of them have a very high one.
    """
    if labels.ndim == 1 and len(np.unique(labels)) > 1:
        coefficients, intercept = _one_label(rows, labels, classes, penalty)
    else:
        own = labels if labels.ndim == 2 else (labels[:, None] == np.arange(classes))
        coefficients, intercept = _each_label(rows, own.astype(bool), penalty)
    return rounded(Weights(coefficients, intercept))


def _one_label(
    rows: Any, labels: NDArray[np.integer[Any]], classes: int, penalty: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """All classes in one call, which copies the rows once."""
    found, number = np.unique(labels, return_inverse=True)
    coefficients = np.zeros((rows.shape[1], classes), np.float32)
    intercept = np.full(classes, _ABSENT)
    if not rows.shape[1]:
        intercept[found] = 2 * np.bincount(number) / len(labels) - 1
        return coefficients, intercept
    machine = _fitted(rows, number, penalty)
    if len(found) == 2:
        coefficients[:, found] = np.concatenate([-machine.coef_, machine.coef_]).T
        intercept[found] = -machine.intercept_[0], machine.intercept_[0]
    else:
        coefficients[:, found], intercept[found] = machine.coef_.T, machine.intercept_
    return coefficients, intercept


def _each_label(
    rows: Any, own: NDArray[np.bool_], penalty: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Each label on its own. own: (documents, labels), whether a document has it."""
    coefficients = np.zeros((rows.shape[1], own.shape[1]), np.float32)
    intercept = np.where(own.all(axis=0), -_ABSENT, _ABSENT)
    for number, column in enumerate(own.T):
        if column.all() or not column.any():
            continue
        if rows.shape[1]:
            machine = _fitted(rows, column, penalty)
            coefficients[:, number], intercept[number] = machine.coef_[0], machine.intercept_[0]
        else:  # no text has an n-gram: what minimises the loss of the intercept alone
            intercept[number] = 2 * float(column.mean()) - 1
    return coefficients, intercept


def _fitted(rows: Any, target: NDArray[Any], penalty: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=penalty, tol=_TOLERANCE, max_iter=_MOST_ROUNDS, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a prediction
        return machine.fit(rows, target)
