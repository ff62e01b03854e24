"""Metrics of a classifier on documents with one label each, for any number of classes.

Sigmoid outputs, one per class, need not sum to 1. For metrics of a distribution (ROC-AUC, log-loss,
Brier score, calibration) each document's outputs are divided by their sum; where all are 0, the
distribution is uniform. The predicted class has the largest output; it is the first of equals.

scikit-learn takes a second to import, so only `evaluate` imports it: training needs `macro_f1`.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.errors import DataError, ShapeError

CALIBRATION_BINS = 20  # 0.05 wide each: with two classes ten of them can hold documents
_ROUNDING = 1e-6  # how far above 1 rounding may put a float32 probability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassMeasures:
    """Metrics of one class; 0 where they would be 0 / 0, None if no label or prediction is it."""

    precision: float | None
    recall: float | None
    f1: float | None
    documents: int  # of the class


@dataclass(frozen=True)
class CalibrationBin:
    """The documents with low < confidence <= high."""

    low: float
    high: float
    confidence: float  # mean probability of the predicted class
    accuracy: float
    documents: int  # at least 1


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All metrics of one classifier on one set of documents."""

    documents: int
    accuracy: float
    macro_f1: float  # mean of F1 over the classes that occur in labels or predictions
    per_class: tuple[ClassMeasures, ...]  # by class number
    roc_auc: float | None  # each class against the rest, mean; None if a class has no document
    log_loss: float  # mean of -ln(probability of the true class), clipped at 2e-16
    brier: float  # 0 … 1: half the mean squared distance to the one-hot label (Brier 1950)
    expected_calibration_error: float  # mean of |confidence - accuracy| over bins (Guo et al. 2017)
    reliability: tuple[CalibrationBin, ...]  # bins that hold documents, from low to high
    confusion: NDArray[np.int64]  # (classes, classes): rows are labels, columns predictions

    def to_json(self) -> dict[str, Any]:
        """As numbers, lists and dicts that `json.dumps` can write."""
        plain = asdict(self)
        plain["per_class"] = list(plain["per_class"])
        plain["reliability"] = list(plain["reliability"])
        plain["confusion"] = self.confusion.tolist()
        return plain


def macro_f1(labels: NDArray[np.integer[Any]], predicted: NDArray[np.int64], classes: int) -> float:
    """The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that occur.

    As in scikit-learn, a class that no document has and none is predicted to have is left out: a
    file to evaluate need not have documents of every class.

    labels, predicted: (documents,), class numbers from 0, at least one.
    """
    confusion = np.bincount(labels * classes + predicted, minlength=classes**2)
    confusion = confusion.reshape(classes, classes)
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean((2 * np.diag(confusion) / np.maximum(both, 1))[both > 0]))


def evaluate(labels: ArrayLike, probabilities: ArrayLike) -> Evaluation:
    """Compute all metrics of predictions.

    Args:
        labels: (documents,) class numbers from 0.
        probabilities: (documents, classes), at least two classes, each between 0 and 1.

    Raises:
        ShapeError: The arrays do not fit each other.
        DataError: There is no document, or a label or probability is out of range.
    """
    from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

    truth, outputs = _checked(labels, probabilities)
    classes = np.arange(outputs.shape[1])
    predicted = outputs.argmax(axis=1)
    shares = distribution(outputs)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=classes, zero_division=0
    )
    confusion = confusion_matrix(truth, predicted, labels=classes).astype(np.int64)
    occurs = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    correct = predicted == truth
    reliability = _reliability(shares[np.arange(len(truth)), predicted], correct)
    gaps = [part.documents * abs(part.confidence - part.accuracy) for part in reliability]
    return Evaluation(
        documents=len(truth),
        accuracy=float(correct.mean()),
        macro_f1=macro_f1(truth, predicted, len(classes)),  # the same bits as in training
        per_class=tuple(
            ClassMeasures(float(precision[k]), float(recall[k]), float(f1[k]), int(support[k]))
            if occurs[k]
            else ClassMeasures(None, None, None, 0)
            for k in classes
        ),
        roc_auc=_roc_auc(truth, shares),
        log_loss=float(log_loss(truth, shares, labels=classes)),
        brier=_brier(truth, shares),
        expected_calibration_error=sum(gaps) / len(truth),
        reliability=reliability,
        confusion=confusion,
    )


def distribution(outputs: ArrayLike) -> Floats:
    """(documents, classes) outputs ≥ 0 → float64 rows that sum to 1."""
    outputs = np.asarray(outputs, np.float64)
    sums = outputs.sum(axis=1, keepdims=True)
    equal = np.full_like(outputs, 1 / outputs.shape[1])
    shares: Floats = np.divide(outputs, sums, out=equal, where=sums > 0)
    return shares


def _checked(labels: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """Both as arrays of one dtype each. Raises ShapeError and DataError."""
    truth, outputs = np.asarray(labels), np.asarray(probabilities, np.float64)
    if truth.ndim != 1 or outputs.ndim != 2 or len(truth) != len(outputs):
        raise ShapeError(
            f"labels of shape {truth.shape} and probabilities of shape {outputs.shape}: expected "
            f"(documents,) and (documents, classes)"
        )
    classes = outputs.shape[1]
    if classes < 2:
        raise ShapeError(f"probabilities of {classes} classes: expected at least 2")
    if not len(truth):
        raise DataError("there are no documents to evaluate: expected at least one")
    if not np.issubdtype(truth.dtype, np.integer):
        raise DataError(f"labels are of type {truth.dtype}: expected class numbers, as int32")
    odd = (truth < 0) | (truth >= classes)
    if odd.any():
        row = int(odd.argmax())
        raise DataError(f"label {truth[row]} of document {row}: expected 0 to {classes - 1}")
    check_probabilities(outputs)
    return truth.astype(np.int64), outputs


def check_probabilities(outputs: Floats) -> None:
    """Raise DataError unless every one of (documents, classes) is a probability."""
    # NaN fails both comparisons.
    odd = ~((outputs >= 0) & (outputs <= 1 + _ROUNDING)).all(axis=1)
    if odd.any():
        row = int(odd.argmax())
        raise DataError(
            f"probabilities {outputs[row].tolist()} of document {row}: expected numbers from 0 to 1"
        )


def _roc_auc(truth: NDArray[np.int64], shares: Floats) -> float | None:
    from sklearn.metrics import roc_auc_score

    classes = shares.shape[1]
    if len(np.unique(truth)) < classes:
        return None
    if classes == 2:  # both classes against the rest give the same value
        return float(roc_auc_score(truth, shares[:, 1]))
    return float(roc_auc_score(truth, shares, multi_class="ovr", average="macro"))


def _brier(truth: NDArray[np.int64], shares: Floats) -> float:
    """Halved, so that two classes give the usual Brier score."""
    target = np.eye(shares.shape[1])[truth]
    return float(((shares - target) ** 2).sum(axis=1).mean() / 2)


def _reliability(confidence: Floats, correct: NDArray[np.bool_]) -> tuple[CalibrationBin, ...]:
    edges = np.arange(CALIBRATION_BINS + 1) / CALIBRATION_BINS
    numbers = np.searchsorted(edges, np.minimum(confidence, 1.0), side="left") - 1
    bins = []
    for number in np.unique(numbers):
        inside = numbers == number
        bins.append(
            CalibrationBin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                confidence=float(confidence[inside].mean()),
                accuracy=float(correct[inside].mean()),
                documents=int(inside.sum()),
            )
        )
    return tuple(bins)
