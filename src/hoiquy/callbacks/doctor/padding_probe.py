"""How much of what words leave in a network is still there after padding: measured, not guessed.

A fresh network reads the beginnings of a few documents, with more and more padding on the side that
the recipe pads. What words leave is how far the logits of different documents lie apart. A network
that keeps its state over padding, or reads the padding first, keeps that distance; one that forgets
step by step ends with the same logits whatever it has read.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.nn.shards import one_blas_thread
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.model_building import build_model

# Of the distance between documents; what is less is as good as forgotten. Padding on the left of
# unmasked networks leaves 60 % and more, 16 steps on the right of an LSTM or GRU leave 3 % or less.
FORGOTTEN = 0.1
_DOCUMENTS = 8
_WORDS = 16  # of each, where it has as many


@dataclass(frozen=True)
class Forgetting:
    """After `steps` steps of padding, the share `left` of the distance is left."""

    steps: int
    left: float
    documents: float  # share of the training documents with as much padding


def forgetting(recipe: Recipe, prepared: Prepared) -> Forgetting | None:
    """How soon a fresh network forgets over padding; None if it does not.

    Only as much padding is tried as one training document of a hundred has. float64: NumPy's
    kernels, so that nothing has to be compiled, and the same for every engine.
    """
    train = prepared.train
    padding = recipe.data.max_length - train.lengths
    most = int(np.quantile(padding, 0.99))
    words = _beginnings(train, min(_WORDS, recipe.data.max_length - most))
    if most < 1 or words is None:
        return None
    model = build_model(
        recipe,
        vocabulary_size=len(prepared.vocabulary.words),
        ngrams=prepared.vocabulary.ngrams,
        classes=prepared.classes,
        seed=recipe.training.seed,
        dtype=np.float64,
    )
    with one_blas_thread():
        before = _distance(model, words)
        if before == 0:
            return None

        def left(steps: int) -> float:
            return _distance(model, _padded(words, steps, recipe.data.padding)) / before

        if left(most) >= FORGOTTEN:
            return None
        steps = next(steps for steps in _rising(most) if left(steps) < FORGOTTEN)
        return Forgetting(steps, left(steps), float((padding >= steps).mean()))


def _rising(most: int) -> list[int]:
    """1, 2, 4, 8 … and at last `most`."""
    return [*(2**power for power in range(most.bit_length()) if 2**power < most), most]


def _beginnings(split: Split, words: int) -> NDArray[np.int32] | None:
    """(documents, words) the first indices of the first documents that have so many."""
    documents = split.documents
    shorter = min(words, int(np.median(documents.lengths)))
    rows = np.flatnonzero(documents.lengths >= shorter)[:_DOCUMENTS]
    if shorter < 2 or len(rows) < 2:  # the first index only marks the start
        return None
    starts = documents.starts[rows]
    return np.stack([documents.indices[start : start + shorter] for start in starts])


def _padded(words: NDArray[np.int32], steps: int, side: str) -> NDArray[np.int32]:
    padding = np.zeros((len(words), steps), np.int32)
    return np.concatenate([words, padding] if side == "right" else [padding, words], axis=1)


def _distance(model: Model, indices: NDArray[np.int32]) -> float:
    """How far the logits of the documents lie from their mean."""
    logits: Array = model.logits(indices)
    return float(np.linalg.norm(logits - logits.mean(axis=0)))
