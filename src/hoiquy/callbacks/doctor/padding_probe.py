"""Measure how much of the words' signal an untrained network keeps after padding.

It reads the beginnings of a few documents, with more and more padding on the recipe's side. The
signal is the distance between the logits of different documents. A network that keeps its state
over padding, or reads the padding first, keeps that distance; one that forgets with each step ends
with the same logits for all documents.
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

# Share of the distance between documents below which the words count as forgotten. Padding on the
# left of unmasked networks leaves at least 60%, 16 steps on the right of an LSTM or GRU at most 3%.
FORGOTTEN = 0.1
_DOCUMENTS = 8
_WORDS = 16  # of each, if it has as many


@dataclass(frozen=True)
class Forgetting:
    """After `steps` steps of padding, the share `left` of the distance remains."""

    steps: int
    left: float
    documents: float  # share of the training documents with at least as much padding


def forgetting(recipe: Recipe, prepared: Prepared) -> Forgetting | None:
    """Return after how much padding an untrained network forgets the words; None if it does not.

    Tries at most the padding that 1% of the training documents have. float64 selects NumPy's
    kernels: no compilation, and the same result for every engine.
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
    """1, 2, 4, 8 … and finally `most`."""
    return [*(2**power for power in range(most.bit_length()) if 2**power < most), most]


def _beginnings(split: Split, words: int) -> NDArray[np.int32] | None:
    """(documents, words): the first indices of the first documents that are long enough."""
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
    """The distance of the logits of the documents from their mean."""
    logits: Array = model.logits(indices)
    return float(np.linalg.norm(logits - logits.mean(axis=0)))
