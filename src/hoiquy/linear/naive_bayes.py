"""Naive Bayes on sums of TF-IDF weights, as the weights of a linear classifier."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.model import Weights

Kind = Literal["multinomial", "complement"]
# Added to the sum of each n-gram: best of 0.001 to 1 on parts of the training files, docs/auto.md.
_SMOOTHING: dict[Kind, float] = {"multinomial": 0.01, "complement": 0.1}
_DOCUMENTS_OF_NONE = 0.5  # that a class without documents counts as


def fit_naive_bayes(
    rows: Any, labels: NDArray[np.integer[Any]], classes: int, kind: Kind, columns: slice
) -> Weights:
    """Estimate the logarithms of the n-grams' probabilities in each class, less their mean.

    Args:
        rows: Sparse (documents, columns) of float32, as `Features.transform` gives them.
        labels: (documents,).
        classes: Their number; some may have no documents.
        kind: "multinomial" (McCallum and Nigam 1998, "A comparison of event models for naive Bayes
            text classification"), or "complement", by the documents of all other classes (Rennie et
            al. 2003, "Tackling the poor assumptions of naive Bayes text classifiers").
        columns: Those that count; the coefficients of others are 0.
    """
    from sklearn.naive_bayes import ComplementNB, MultinomialNB

    coefficients = np.zeros((rows.shape[1], classes), np.float32)
    own = coefficients[columns]
    if not len(own):
        return Weights(coefficients, np.zeros(classes))
    make = MultinomialNB if kind == "multinomial" else ComplementNB
    machine = make(alpha=_SMOOTHING[kind])
    machine.partial_fit(rows[:, columns], labels, np.arange(classes))
    own[...] = (machine.feature_log_prob_ - machine.feature_log_prob_.mean(axis=0)).T
    intercept = np.zeros(classes)
    if kind == "multinomial":
        documents = np.maximum(machine.class_count_, _DOCUMENTS_OF_NONE)
        intercept = np.log(documents / len(labels))
    return Weights(coefficients, intercept)
