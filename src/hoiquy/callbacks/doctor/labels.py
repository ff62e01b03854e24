"""Test documents that may be mislabelled: the network confidently predicts another class."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.misclassified import confidences

CONFIDENT = 0.98
FEWEST = 3
# Share of the confident predictions: if more are wrong, the network is not calibrated. If at most
# twice as many are wrong as the confidences predict, they are a good network's ordinary errors.
MOST_WRONG = 0.1
TIMES_EXPECTED = 2
_ROWS_NAMED = 5


def doubtful_labels(labels: Labels, probabilities: NDArray[np.float32]) -> Iterator[Diagnostic]:
    """labels: (documents,). probabilities: (documents, classes) outputs.

    Nothing if documents may have several labels: no probability belongs to a set of labels.
    """
    if labels.ndim == 2:
        return
    confidence = confidences(probabilities)
    confident = confidence >= CONFIDENT
    against = confident & (probabilities.argmax(axis=1) != labels)
    count, expected = int(against.sum()), float((1 - confidence[confident]).sum())
    if count < FEWEST or count > MOST_WRONG * confident.sum() or count <= TIMES_EXPECTED * expected:
        return
    rows = np.flatnonzero(against)
    rows = rows[np.argsort(-confidence[rows], kind="stable")][:_ROWS_NAMED]
    yield Diagnostic(
        "doubtful_labels",
        {
            "documents": count,
            "confidence": CONFIDENT,
            "confident": int(confident.sum()),
            "rows": ", ".join(map(str, rows.tolist())),
        },
        severity="note",
    )
