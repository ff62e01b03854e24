"""Validation accuracy of a bag-of-words classifier, which any network should reach.

Naive Bayes on binary word features (McCallum & Nigam 1998, "A comparison of event models for naive
Bayes text classification"): it only counts, so it is deterministic and fast. It reads the same
indices as the network, of whole documents.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.text import FIRST_WORD
from hoiquy.training.encoding.prepared import Split

_DOCUMENTS = 20_000  # at most, evenly spaced because files are often ordered by class
_TOKENS = 2_000_000  # at most, approximately
_WEIGHTS = 20_000_000  # at most, words times classes; rarer words are left out
_SMOOTHING = 0.3  # added to each count; 1 is too much with many classes


def bag_of_words_accuracy(train: Split, validation: Split) -> float | None:
    """Return the validation accuracy, a fraction.

    None if the training documents have a single class or there is nothing to count.
    """
    classes = train.classes
    rows, validation_rows = _rows(train), _rows(validation)
    if len(np.unique(train.labels)) < 2 or not len(validation_rows):
        return None
    words = _words_of(train, rows, _WEIGHTS // classes)
    if not words.nnz:
        return None
    words = words[:, : int(words.indices.max()) + 1]  # smooth only words that occur
    labels = train.labels[rows]
    is_class = np.eye(classes, dtype=np.float32)[labels]
    class_counts = (words.T @ is_class).T + _SMOOTHING  # (classes, words)
    log_shares = np.log(class_counts) - np.log(class_counts.sum(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):  # a class without documents is never predicted
        prior = np.log(is_class.mean(axis=0))
    words = _words_of(validation, validation_rows, words.shape[1])
    predicted = (words @ log_shares.T + prior).argmax(axis=1)
    return float((predicted == validation.labels[validation_rows]).mean())


def _rows(split: Split) -> NDArray[np.int64]:
    """Indices of the sampled documents."""
    documents, tokens = len(split), len(split.documents.indices)
    most = min(documents, _DOCUMENTS, max(1, int(documents * _TOKENS / max(tokens, 1))))
    return np.linspace(0, documents - 1, most).astype(np.int64) if documents else np.arange(0)


def _words_of(split: Split, rows: NDArray[np.int64], most: int) -> Any:
    """Sparse (documents, words) of ones, for at most `most` words, the most frequent."""
    from scipy.sparse import csr_matrix

    documents = split.documents
    found = [
        np.unique(documents.indices[documents.starts[row] : documents.starts[row + 1]])
        for row in rows.tolist()
    ]
    found = [one[(one >= FIRST_WORD) & (one < FIRST_WORD + most)] - FIRST_WORD for one in found]
    ends = np.cumsum([0, *map(len, found)])
    indices = np.concatenate(found) if found else np.empty(0, np.int32)
    return csr_matrix((np.ones(len(indices), np.float32), indices, ends), (len(found), most))
