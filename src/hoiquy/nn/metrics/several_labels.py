"""Metrics of a multilabel classifier: a document has any number of labels, or none.

Each output is the sigmoid of one label, which is predicted above `THRESHOLD`. The accuracy of a
multilabel classifier is subset accuracy, as in scikit-learn: the share of documents all of whose
labels are correct, none missing and none too many.
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
    """Metrics of one label; 0 where they would be 0 / 0."""

    precision: float
    recall: float
    f1: float
    documents: int  # that have the label
    predicted: int  # documents that are predicted to have it
    roc_auc: float | None  # None if every document has the label, or none has


@dataclass(frozen=True)
class MultilabelEvaluation:
    """All metrics of one classifier on one set of documents."""

    documents: int
    subset_accuracy: float  # share of documents all of whose labels are correct
    hamming_loss: float  # share of wrong decisions, one per document and label
    micro_f1: float  # F1 over all decisions together
    macro_f1: float  # mean of F1 over the labels
    per_label: tuple[LabelMeasures, ...]  # in the order of the classes
    roc_auc: float | None  # mean over the labels that have one; None if no label has
    log_loss: float  # binary cross-entropy, mean over all decisions; natural logarithm
    brier: float  # mean squared distance between probability and 0 or 1, over all decisions

    def to_json(self) -> dict[str, Any]:
        """As numbers, lists and dicts that `json.dumps` can write."""
        return asdict(self) | {"per_label": [asdict(label) for label in self.per_label]}


def micro_f1(labels: Indicators, predicted: Indicators) -> float:
    """F1 = 2 TP / (2 TP + FP + FN) over all labels together; 0 without any label.

    labels, predicted: (documents, labels) of 0 and 1.
    """
    both = int(labels.sum(dtype=np.int64) + predicted.sum(dtype=np.int64))
    return 2 * int((labels & predicted).sum(dtype=np.int64)) / max(both, 1)


def multilabel_macro_f1(labels: Indicators, predicted: Indicators) -> float:
    """The mean over labels of F1; 0 for a label that does not occur.

    labels, predicted: (documents, labels) of 0 and 1.
    """
    both = labels.sum(axis=0, dtype=np.int64) + predicted.sum(axis=0, dtype=np.int64)
    correct = (labels & predicted).sum(axis=0, dtype=np.int64)
    return float(np.mean(2 * correct / np.maximum(both, 1)))


def evaluate_multilabel(labels: ArrayLike, probabilities: ArrayLike) -> MultilabelEvaluation:
    """Compute all metrics of predictions.

    Args:
        labels: (documents, labels) of 0 and 1.
        probabilities: (documents, labels), each between 0 and 1.

    Raises:
        ShapeError: The shapes differ, or there is no label.
        DataError: There is no document, or a value is out of range.
    """
    from sklearn.metrics import log_loss, precision_recall_fscore_support

    truth, outputs = _checked(labels, probabilities)
    predicted = predicted_labels(outputs, multilabel=True)
    per_label = []
    for is_label, is_predicted, scores in zip(truth.T, predicted.T, outputs.T, strict=True):
        precision, recall, f1, _ = precision_recall_fscore_support(
            is_label, is_predicted, average="binary", zero_division=0
        )
        per_label.append(
            LabelMeasures(
                float(precision),
                float(recall),
                float(f1),
                int(is_label.sum(dtype=np.int64)),
                int(is_predicted.sum(dtype=np.int64)),
                _roc_auc(is_label, scores),
            )
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
