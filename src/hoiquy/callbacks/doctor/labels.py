"""Test documents whose labels look wrong: the network is sure of another class."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.runs.diagnostic import Diagnostic
from hoiquy.runs.misclassified import confidences

CONFIDENT = 0.98
FEWEST = 3  # one or two may be anything
# Of the answers that are so confident: where more are wrong, it is the network that is not to be
# trusted. Where no more than twice as many are wrong as the confidences themselves foresee, they
# are what a good network's mistakes are.
MOST_WRONG = 0.1
TIMES_FORESEEN = 2
_ROWS_NAMED = 5


def doubtful_labels(labels: Labels, probabilities: NDArray[np.float32]) -> Iterator[Diagnostic]:
    """labels: (documents,). probabilities: (documents, classes) outputs.

    Where documents may have several labels, nothing: no probability is of a whole set of labels.
    """
    if labels.ndim == 2:
        return
    confidence = confidences(probabilities)
    confident = confidence >= CONFIDENT
    against = confident & (probabilities.argmax(axis=1) != labels)
    count, foreseen = int(against.sum()), float((1 - confidence[confident]).sum())
    if count < FEWEST or count > MOST_WRONG * confident.sum() or count <= TIMES_FORESEEN * foreseen:
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
