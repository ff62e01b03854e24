"""Measures of a classifier on labelled documents, for any number of classes.

A softmax is a distribution over the classes and is measured as it is. Sigmoid outputs, one a class,
need not add up to 1. Where a measure needs a distribution (ROC-AUC, log-loss, Brier score,
calibration), each document's outputs are divided by their sum; where all are 0, every class gets
the same share. The answer is the class with the largest output, the first of equals.

scikit-learn takes a second to import and is imported when `evaluate` is called, never before:
training needs `macro_f1` only.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.errors import DataError, ShapeError

CALIBRATION_BINS = 20  # as wide as 0.05 each: with two classes ten of them can hold documents
_ROUNDING = 1e-6  # how far above 1 a float32 that stands for a probability may lie

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassMeasures:
    """How well one class is found. What would be 0 / 0 is 0."""

    precision: float  # of the documents answered so, the share that is of the class
    recall: float  # of the documents of the class, the share answered so
    f1: float  # harmonic mean of both
    documents: int  # that are of the class


@dataclass(frozen=True)
class CalibrationBin:
    """The documents whose confidence lies above `low` and is at most `high`."""

    low: float
    high: float
    confidence: float  # mean share of the class that was answered
    accuracy: float
    documents: int  # at least 1


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All measures of one classifier on one set of documents."""

    documents: int
    accuracy: float
    macro_f1: float  # mean of F1 over all classes
    per_class: tuple[ClassMeasures, ...]  # by class number
    roc_auc: float | None  # each class against the rest, mean; None if a class has no document
    log_loss: float  # mean of -ln(share of the right class), shares no smaller than 2e-16
    brier: float  # 0 … 1: half the mean squared distance to the right answer (Brier 1950)
    expected_calibration_error: float  # mean of |confidence - accuracy| over bins (Guo et al. 2017)
    reliability: tuple[CalibrationBin, ...]  # bins that hold documents, from low to high
    confusion: NDArray[np.int64]  # (classes, classes): rows are labels, columns answers

    def to_json(self) -> dict[str, Any]:
        """The same as numbers, lists and objects that `json.dumps` can write."""
        plain = asdict(self)
        plain["per_class"] = list(plain["per_class"])
        plain["reliability"] = list(plain["reliability"])
        plain["confusion"] = self.confusion.tolist()
        return plain


def macro_f1(labels: NDArray[np.integer[Any]], predicted: NDArray[np.int64], classes: int) -> float:
    """The mean over classes of F1 = 2 TP / (2 TP + FP + FN); a class never seen counts as 0.

    labels, predicted: (documents,), class numbers from 0.
    """
    confusion = np.bincount(labels * classes + predicted, minlength=classes**2)
    confusion = confusion.reshape(classes, classes)
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * np.diag(confusion) / np.maximum(both, 1)))


def evaluate(labels: ArrayLike, probabilities: ArrayLike) -> Evaluation:
    """Measure answers against labels.

    labels: (documents,), class numbers from 0. probabilities: (documents, classes), classes ≥ 2,
    each between 0 and 1. Raises ShapeError if the arrays do not fit each other, DataError if there
    is no document, or a label or probability is none.
    """
    from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

    truth, outputs = _checked(labels, probabilities)
    classes = np.arange(outputs.shape[1])
    predicted = outputs.argmax(axis=1)
    shares = distribution(outputs)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=classes, zero_division=0
    )
    right = predicted == truth
    reliability = _reliability(shares[np.arange(len(truth)), predicted], right)
    gaps = [part.documents * abs(part.confidence - part.accuracy) for part in reliability]
    return Evaluation(
        documents=len(truth),
        accuracy=float(right.mean()),
        macro_f1=macro_f1(truth, predicted, len(classes)),  # the very bits of training's
        per_class=tuple(
            ClassMeasures(float(precision[k]), float(recall[k]), float(f1[k]), int(support[k]))
            for k in classes
        ),
        roc_auc=_roc_auc(truth, shares),
        log_loss=float(log_loss(truth, shares, labels=classes)),
        brier=_brier(truth, shares),
        expected_calibration_error=sum(gaps) / len(truth),
        reliability=reliability,
        confusion=confusion_matrix(truth, predicted, labels=classes).astype(np.int64),
    )


def distribution(outputs: ArrayLike) -> Floats:
    """(documents, classes) outputs ≥ 0 → float64 shares that add up to 1 in each row."""
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
    # NaN is neither above nor below: it fails the comparison.
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
    if classes == 2:  # both classes against the rest are the same question
        return float(roc_auc_score(truth, shares[:, 1]))
    return float(roc_auc_score(truth, shares, multi_class="ovr", average="macro"))


def _brier(truth: NDArray[np.int64], shares: Floats) -> float:
    """Halved, so that two classes give what is usually called Brier score."""
    target = np.eye(shares.shape[1])[truth]
    return float(((shares - target) ** 2).sum(axis=1).mean() / 2)


def _reliability(confidence: Floats, right: NDArray[np.bool_]) -> tuple[CalibrationBin, ...]:
    edges = np.arange(CALIBRATION_BINS + 1) / CALIBRATION_BINS
    of_document = np.searchsorted(edges, np.minimum(confidence, 1.0), side="left") - 1
    bins = []
    for number in np.unique(of_document):
        inside = of_document == number
        bins.append(
            CalibrationBin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                confidence=float(confidence[inside].mean()),
                accuracy=float(right[inside].mean()),
                documents=int(inside.sum()),
            )
        )
    return tuple(bins)
