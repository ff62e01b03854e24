"""Train the linear member of an ensemble, and predict each document by others' weights."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hoiquy.linear.features import Features
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import LinearClassifier
from hoiquy.nn.losses import Probabilities
from hoiquy.nn.losses.output import log_softmax
from hoiquy.runs.linear_files import save_linear
from hoiquy.training.stacking import fit_stacking_weights, log_loss
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import save_held_out

PENALTIES = (1.0, 0.3, 0.1)  # tried in this order, as far as there is time
Choice = Callable[[float], Sequence[float]]


def train_linear(
    texts: Sequence[str], labels: np.ndarray, classes: list[str], features: Features,
    folds: Folds, folder: Path, choose: Choice,
) -> float:  # fmt: skip
    """Train on all documents, with the penalty that predicts held-out documents best.

    Args:
        texts: The training documents.
        labels: (documents,).
        classes: Their names.
        features: Of all texts: they do not depend on the labels.
        folds: Which documents are held out.
        folder: Of the member.
        choose: Given the seconds of a training on one fold, the penalties to try.

    Returns:
        The seconds that counting the n-grams of a document took.
    """
    start = time.perf_counter()
    rows = features.transform(texts)
    seconds = (time.perf_counter() - start) / max(len(texts), 1)
    tried: dict[float, Probabilities] = {}

    def predict(fold: int, penalty: float) -> Probabilities:
        trained = folds.trained(fold)
        weights = fit_weights(rows[trained], labels[trained], len(classes), penalty)
        return weights.margins(rows[folds.held_out(fold)])

    start = time.perf_counter()
    first = predict(0, PENALTIES[0])
    penalties = choose(time.perf_counter() - start)
    for penalty in penalties:
        margins = np.zeros((len(texts), len(classes)))
        for fold in range(folds.count):
            is_first = fold == 0 and penalty == PENALTIES[0]
            margins[folds.held_out(fold)] = first if is_first else predict(fold, penalty)
        tried[penalty] = log_softmax(margins)
    held_out = np.flatnonzero(folds.number >= 0)

    def loss(penalty: float) -> float:
        log_p, own = [tried[penalty][held_out]], labels[held_out]
        return log_loss(log_p, fit_stacking_weights(log_p, own), own)[0]

    best = min(penalties, key=loss)
    trained = folds.finally_trained
    weights = fit_weights(rows[trained], labels[trained], len(classes), best)
    save_linear(LinearClassifier(features, weights), classes, best, folder)
    save_held_out(folder, held_out, tried[best][held_out])
    return seconds
