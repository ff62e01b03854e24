"""Naive Bayes on sums of TF-IDF weights, as the weights of a linear classifier."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.model import Weights

Kind = Literal["multinomial", "complement"]
# Added to the sum of each n-gram: best of 0.001 to 1 on parts of the training files, docs/auto.md.
_SMOOTHING: dict[Kind, float] = {"multinomial": 0.01, "complement": 0.1}
_DOCUMENTS_OF_NONE = 0.5  # that a class without documents counts as


@dataclass(frozen=True, eq=False)
class ClassSums:
    """What naive Bayes knows of documents: folds can be taken from the sums of all documents.

    Attributes:
        values: (classes, columns) float64, the sums of the rows of each class.
        documents: (classes,), how many there are.
    """

    values: NDArray[np.float64]
    documents: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Any, labels: NDArray[np.integer[Any]], classes: int) -> "ClassSums":
        """Add up the sparse rows (documents, columns) of each class. labels: (documents,)."""
        from scipy import sparse

        own = (np.ones(len(labels)), (labels, np.arange(len(labels))))
        values = sparse.csr_matrix(own, shape=(classes, len(labels))) @ rows
        return cls(values.toarray(), np.bincount(labels, minlength=classes))

    def without(self, some: "ClassSums") -> "ClassSums":
        """The sums without those of some of the documents."""
        # the difference of equal sums in another order may be slightly below 0
        values = np.maximum(self.values - some.values, 0)
        return ClassSums(values, self.documents - some.documents)

    def weights(self, kind: Kind, columns: slice) -> Weights:
        """The logarithms of the n-grams' probabilities in each class, less their mean.

        Args:
            kind: "multinomial" (McCallum and Nigam 1998, "A comparison of event models for naive
                Bayes text classification"), or "complement", by the documents of all other classes
                (Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text
                classifiers").
            columns: Those that count; the coefficients of others are 0.
        """
        classes, width = self.values.shape
        coefficients, intercept = np.zeros((width, classes), np.float32), np.zeros(classes)
        counted = self.values[:, columns]
        if not counted.shape[1]:
            return Weights(coefficients, intercept)
        if kind == "complement":
            counted = counted.sum(axis=0) - counted
        counted = np.maximum(counted, 0) + _SMOOTHING[kind]
        log_p = np.log(counted) - np.log(counted.sum(axis=1, keepdims=True))
        log_p -= log_p.mean(axis=0)
        coefficients[columns] = (log_p if kind == "multinomial" else -log_p).T
        if kind == "multinomial":
            documents = np.maximum(self.documents, _DOCUMENTS_OF_NONE)
            intercept = np.log(documents / max(self.documents.sum(), 1))
        return Weights(coefficients, intercept)
