"""Measures of a classifier that gives a document any number of labels, none included.

Each output is a sigmoid that answers for its own label; a label is predicted where its probability
is above `THRESHOLD`. "Accuracy" of such a classifier is subset accuracy everywhere in hoiquy, as in
scikit-learn: the share of documents all of whose labels are right, none missing and none too many.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.errors import DataError, ShapeError
from hoiquy.nn.metrics.one_label import check_probabilities
from hoiquy.nn.metrics.predicted import predicted_labels

Floats = NDArray[np.float64]
Indicators = NDArray[np.uint8]


@dataclass(frozen=True)
class LabelMeasures:
    """How well one label is found. What would be 0 / 0 is 0."""

    precision: float  # of the documents that are predicted to have it, the share that does
    recall: float  # of the documents that have it, the share that is predicted to
    f1: float  # harmonic mean of both
    documents: int  # that have it
    predicted: int  # documents that are predicted to have it
    roc_auc: float | None  # None where every document has the label, or none has


@dataclass(frozen=True)
class MultilabelEvaluation:
    """All measures of one classifier on one set of documents."""

    documents: int
    subset_accuracy: float  # share of documents all of whose labels are right
    hamming_loss: float  # share of all decisions, one a document and label, that are wrong
    micro_f1: float  # F1 over all decisions together
    macro_f1: float  # mean of F1 over the labels
    per_label: tuple[LabelMeasures, ...]  # in the order of the classes
    roc_auc: float | None  # mean over the labels that have one; None if no label has
    log_loss: float  # binary cross-entropy, mean over all decisions; natural logarithm
    brier: float  # mean squared distance between probability and 0 or 1, over all decisions

    def to_json(self) -> dict[str, Any]:
        """The same as numbers, lists and objects that `json.dumps` can write."""
        return asdict(self) | {"per_label": [asdict(label) for label in self.per_label]}


def micro_f1(labels: Indicators, predicted: Indicators) -> float:
    """F1 = 2 TP / (2 TP + FP + FN) over all labels together; 0 where nothing is to be found.

    labels, predicted: (documents, labels) of 0 and 1.
    """
    both = int(labels.sum(dtype=np.int64) + predicted.sum(dtype=np.int64))
    return 2 * int((labels & predicted).sum(dtype=np.int64)) / max(both, 1)


def multilabel_macro_f1(labels: Indicators, predicted: Indicators) -> float:
    """The mean over labels of F1; a label that no document has and none is given counts as 0.

    labels, predicted: (documents, labels) of 0 and 1.
    """
    both = labels.sum(axis=0, dtype=np.int64) + predicted.sum(axis=0, dtype=np.int64)
    right = (labels & predicted).sum(axis=0, dtype=np.int64)
    return float(np.mean(2 * right / np.maximum(both, 1)))


def evaluate_multilabel(labels: ArrayLike, probabilities: ArrayLike) -> MultilabelEvaluation:
    """Measure predictions against labels.

    labels: (documents, labels) of 0 and 1. probabilities: the same shape, each between 0 and 1.
    Raises ShapeError if the shapes differ or there is no label, DataError if there is no document,
    or a value is none of these.
    """
    from sklearn.metrics import log_loss, precision_recall_fscore_support

    truth, outputs = _checked(labels, probabilities)
    predicted = predicted_labels(outputs, multilabel=True)
    per_label = []
    for own, found, scores in zip(truth.T, predicted.T, outputs.T, strict=True):
        precision, recall, f1, _ = precision_recall_fscore_support(
            own, found, average="binary", zero_division=0
        )
        has, given = int(own.sum(dtype=np.int64)), int(found.sum(dtype=np.int64))
        area = _roc_auc(own, scores)
        per_label.append(
            LabelMeasures(float(precision), float(recall), float(f1), has, given, area)
        )
    areas = [label.roc_auc for label in per_label if label.roc_auc is not None]
    return MultilabelEvaluation(
        documents=len(truth),
        subset_accuracy=float((truth == predicted).all(axis=1).mean()),
        hamming_loss=float((truth != predicted).mean()),
        micro_f1=micro_f1(truth, predicted),
        macro_f1=multilabel_macro_f1(truth, predicted),
        per_label=tuple(per_label),
        roc_auc=float(np.mean(areas)) if areas else None,
        log_loss=float(log_loss(truth.ravel(), outputs.ravel(), labels=[0, 1])),
        brier=float(((outputs - truth) ** 2).mean()),
    )


def _roc_auc(truth: Indicators, scores: Floats) -> float | None:
    from sklearn.metrics import roc_auc_score

    if truth.min() == truth.max():
        return None
    return float(roc_auc_score(truth, scores))


def _checked(labels: ArrayLike, probabilities: ArrayLike) -> tuple[Indicators, Floats]:
    """Both as arrays of one dtype each. Raises ShapeError and DataError."""
    truth, outputs = np.asarray(labels), np.asarray(probabilities, np.float64)
    if truth.ndim != 2 or truth.shape != outputs.shape or not truth.shape[1]:
        raise ShapeError(
            f"labels of shape {truth.shape} and probabilities of shape {outputs.shape}: expected "
            f"(documents, labels), both the same"
        )
    if not len(truth):
        raise DataError("there are no documents to evaluate: expected at least one")
    odd = ~np.isin(truth, (0, 1)).all(axis=1)
    if odd.any():
        row = int(odd.argmax())
        raise DataError(f"labels {truth[row].tolist()} of document {row}: expected 0 and 1 only")
    check_probabilities(outputs)
    return truth.astype(np.uint8), outputs
