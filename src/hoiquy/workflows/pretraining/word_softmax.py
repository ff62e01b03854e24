"""The loss of predicted words, among candidates, and its gradients: products in blocks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array
from hoiquy.workflows.pretraining.candidate_words import Candidates

_BLOCK = 1 << 20  # scores that are computed at once: they stay in the cache
_FEWEST, _MOST = 32, 512  # positions of a block

Words = NDArray[np.int32]


class CandidateRows(NamedTuple):
    """Candidates with their rows of the output layer, (candidates, units) and (candidates,).

    bias: with the candidates' weights added.
    """

    candidates: Candidates
    embeddings: Array
    bias: Array

    @classmethod
    def of(cls, candidates: Candidates, embeddings: Array, bias: Array) -> "CandidateRows":
        words = candidates.words
        return cls(candidates, embeddings[words], bias[words] + candidates.log_weights)


class SoftmaxGradients(NamedTuple):
    """Gradients of the sum of the losses.

    projected: (positions, units).
    candidates, candidates_bias: (candidates, units) and (candidates,).
    others: the positions of targets that are no candidates; others_scores: of their scores.
    """

    projected: Array
    candidates: Array
    candidates_bias: Array
    others: NDArray[np.intp]
    others_scores: Array


def softmax_loss(projected: Array, targets: Words, rows: CandidateRows) -> float:
    """The sum of the losses where every target is a candidate."""
    loss = 0.0
    for some in _blocks(len(projected), len(rows.bias)):
        scores, places = _scores(projected[some], rows), rows.candidates.places[targets[some]]
        scores -= scores.max(axis=1, keepdims=True)
        own = scores[np.arange(len(scores)), places]
        totals = np.exp(scores, out=scores).sum(axis=1)
        loss += float((np.log(totals) - own).sum(dtype=np.float64))
    return loss


def softmax_gradients(
    projected: Array, targets: Words, rows: CandidateRows, embeddings: Array, bias: Array
) -> tuple[float, SoftmaxGradients]:
    """The sum of the losses, and its gradients.

    A target counts once, as itself, whether or not it is a candidate.

    Args:
        projected: (positions, units), states as wide as the embedding.
        targets: (positions,) the words that follow.
        rows: Of the candidates.
        embeddings: (rows, units), of all words.
        bias: (rows,), of all words.
    """
    places = rows.candidates.places[targets]
    others = np.flatnonzero(places < 0)
    of_others = embeddings[targets[others]]
    other_scores = np.full(len(targets), -np.inf, projected.dtype)
    other_scores[others] = (projected[others] * of_others).sum(axis=1) + bias[targets[others]]
    d_projected, d_rows = np.empty_like(projected), np.zeros_like(rows.embeddings)
    d_bias, d_others = np.zeros_like(rows.bias), np.empty_like(other_scores)
    loss = 0.0
    for some in _blocks(len(projected), len(rows.bias)):
        scores = _scores(projected[some], rows)
        inside = np.flatnonzero(places[some] >= 0)
        own = inside, places[some][inside]
        scores[own] -= rows.candidates.log_weights[own[1]]
        of_target = other_scores[some].copy()
        largest = np.maximum(scores.max(axis=1), of_target)
        scores -= largest[:, None]
        of_target -= largest
        target_scores = of_target.copy()
        target_scores[inside] = scores[own]
        shares, target_share = np.exp(scores, out=scores), np.exp(of_target)
        totals = shares.sum(axis=1) + target_share
        loss += float((np.log(totals) - target_scores).sum(dtype=np.float64))
        shares /= totals[:, None]
        shares[own] -= 1
        d_others[some] = target_share / totals - 1
        np.matmul(shares, rows.embeddings, out=d_projected[some])
        d_rows += shares.T @ projected[some]
        d_bias += shares.sum(axis=0)
    d_others = d_others[others]
    d_projected[others] += d_others[:, None] * of_others
    return loss, SoftmaxGradients(d_projected, d_rows, d_bias, others, d_others)


def _scores(projected: Array, rows: CandidateRows) -> Array:
    scores: Array = projected @ rows.embeddings.T
    scores += rows.bias
    return scores


def _blocks(positions: int, candidates: int) -> list[slice]:
    size = min(max(_BLOCK // max(candidates, 1), _FEWEST), _MOST)
    return [slice(begin, begin + size) for begin in range(0, positions, size)]
