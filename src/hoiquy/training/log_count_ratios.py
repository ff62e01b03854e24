"""Learning rates of the wide part's weights: the log-count ratios of their words and n-grams.

The log-count ratio of a class (Wang and Manning 2012, "Baselines and bigrams: simple, good
sentiment and topic classification") is log(p / q): p is the share of the class's training documents
with the word, q that of all others, each with one document added. NB-SVM multiplies features by it.
Under Adam, from weights of zero, that equals a learning rate of |log(p / q)| times the base rate,
and the trained model needs no ratios.
"""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.training.encoding.batches import scoring_batches
from hoiquy.training.encoding.prepared import Prepared

_AT_ONCE = 512  # documents


def learning_rates(model: Model, prepared: Prepared) -> dict[str, Array]:
    """`Adam.lr_multipliers` of a training: those of the wide part's weights, if any."""
    if model.wide is None:
        return {}
    ratios = log_count_ratios(model, prepared)
    return {f"{model.wide.name}/weights": np.abs(ratios).astype(model.dtype)}


def log_count_ratios(model: Model, prepared: Prepared) -> NDArray[np.float64]:
    """(rows of the wide part, classes), over the training documents.

    A soft-labelled document counts for each class by its probability. With several labels, "all
    others" are the documents without the label.
    """
    assert model.wide is not None
    train, documents = prepared.train, np.zeros(prepared.classes)
    counts = np.zeros((len(model.wide.parameters["weights"]), prepared.classes))
    in_all = np.zeros((len(counts), 1))  # documents with the word
    for rows in scoring_batches(train.lengths, _AT_ONCE):
        x, _ = model.inputs(train.indices(rows))
        document, row = model.wide.find_features(x)
        targets = train.targets(rows).astype(np.float64)
        documents += targets.sum(axis=0)
        in_all[:, 0] += np.bincount(row, minlength=len(counts))
        for label, of_class in enumerate(targets.T):
            counts[:, label] += np.bincount(row, of_class[document], len(counts))
    if prepared.multilabel:
        others, of_others = in_all - counts, len(train) - documents
    else:
        others, of_others = counts.sum(axis=1, keepdims=True) - counts, documents.sum() - documents
    p, q = (counts + 1) / (documents + 1), (others + 1) / (of_others + 1)
    return np.asarray(np.log(p) - np.log(q))
