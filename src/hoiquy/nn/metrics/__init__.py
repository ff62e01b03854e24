"""Metrics of a classifier: `one_label.py` for one label per document, else `several_labels.py`.

`predicted.py` turns probabilities into labels and tells which predictions are correct.
"""

from typing import Any

from numpy.typing import NDArray

from hoiquy.nn.metrics.one_label import (
    CalibrationBin,
    ClassMeasures,
    Evaluation,
    distribution,
    evaluate,
    macro_f1,
)
from hoiquy.nn.metrics.predicted import THRESHOLD, correct_predictions, predicted_labels
from hoiquy.nn.metrics.several_labels import (
    LabelMeasures,
    MultilabelEvaluation,
    evaluate_multilabel,
    micro_f1,
    multilabel_macro_f1,
)

__all__ = [
    "THRESHOLD",
    "CalibrationBin",
    "ClassMeasures",
    "Evaluation",
    "LabelMeasures",
    "MultilabelEvaluation",
    "correct_predictions",
    "distribution",
    "evaluate",
    "evaluate_multilabel",
    "macro_f1",
    "macro_f1_of",
    "micro_f1",
    "multilabel_macro_f1",
    "predicted_labels",
]


def macro_f1_of(labels: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """The mean of F1 over the classes, or over the labels where a document may have several.

    labels: (documents,) class numbers, or (documents, classes) of 0 and 1. probabilities:
    (documents, classes).
    """
    if labels.ndim == 2:
        return multilabel_macro_f1(labels, predicted_labels(probabilities, multilabel=True))
    predicted = predicted_labels(probabilities, multilabel=False)
    return macro_f1(labels, predicted, probabilities.shape[1])
