"""Sampled softmax: cross-entropy of a word against negative samples (Jean et al. 2015)."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def sampled_softmax(
    target_scores: Array,
    negative_scores: Array,
    targets: NDArray[np.int32],
    negatives: NDArray[np.int32],
) -> tuple[Array, Array, Array]:
    """The loss of each position, and the gradients of their sum with respect to the scores.

    Scores are less the logarithm of the expected count of the word among the samples (Bengio and
    Senécal 2008). A sample that is the target of a position does not count there.

    Args:
        target_scores: (positions,), of the word at each position.
        negative_scores: (positions, samples), of the samples, which all positions share.
        targets: (positions,) word numbers.
        negatives: (samples,) word numbers.

    Returns:
        Losses (positions,), and the gradients of both scores, in the dtype of the scores.
    """
    hits = negatives[None, :] == targets[:, None]
    others = np.where(hits, negative_scores.dtype.type(-np.inf), negative_scores)
    scores = np.concatenate([target_scores[:, None], others], axis=1)
    scores = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    totals = powers.sum(axis=1)
    shares = powers / totals[:, None]
    return np.log(totals) - scores[:, 0], shares[:, 0] - 1, shares[:, 1:]
