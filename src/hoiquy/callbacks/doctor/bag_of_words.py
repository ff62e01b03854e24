"""How often a bag of words is right about the validation documents: what any network should reach.

Naive Bayes on which words a document has (McCallum & Nigam 1998, "A comparison of event models for
naive Bayes text classification"): counted, not trained, so that it takes a fraction of a second and
always comes out the same. It reads the indices that the network reads, of whole documents.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.text import FIRST_WORD
from hoiquy.training.encoding.prepared import Split

_DOCUMENTS = 20_000  # at most, evenly spaced, as files are often ordered by class
_TOKENS = 2_000_000  # at most, about
_WEIGHTS = 20_000_000  # at most, words times classes; of rarer words nothing is counted then
_SMOOTHING = 0.3  # added to each count; 1 drowns the counts of many classes


def bag_of_words_accuracy(train: Split, validation: Split) -> float | None:
    """The share of the validation documents about which it is right, a fraction.

    None where the training documents have a single class or there is nothing to count.
    """
    classes = train.classes
    rows, validation_rows = _rows(train), _rows(validation)
    if len(np.unique(train.labels)) < 2 or not len(validation_rows):
        return None
    words = _words_of(train, rows, _WEIGHTS // classes)
    if not words.nnz:
        return None
    words = words[:, : int(words.indices.max()) + 1]  # so that only what is there is smoothed
    labels = train.labels[rows]
    is_class = np.eye(classes, dtype=np.float32)[labels]
    counts = (words.T @ is_class).T + _SMOOTHING  # (classes, words)
    log_shares = np.log(counts) - np.log(counts.sum(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):  # a class without documents is never the answer
        prior = np.log(is_class.mean(axis=0))
    asked = _words_of(validation, validation_rows, words.shape[1])
    answers = (asked @ log_shares.T + prior).argmax(axis=1)
    return float((answers == validation.labels[validation_rows]).mean())


def _rows(split: Split) -> NDArray[np.int64]:
    """The documents that are looked at."""
    documents, tokens = len(split), len(split.documents.indices)
    most = min(documents, _DOCUMENTS, max(1, int(documents * _TOKENS / max(tokens, 1))))
    return np.linspace(0, documents - 1, most).astype(np.int64) if documents else np.arange(0)


def _words_of(split: Split, rows: NDArray[np.int64], most: int) -> Any:
    """Sparse (documents, words) of ones; at most so many words, the most frequent."""
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
