"""Cross-entropy of a word against some that were drawn (Jean et al. 2015)."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels.types import Array


def sampled_softmax(
    of_targets: Array,
    of_negatives: Array,
    targets: NDArray[np.int32],
    negatives: NDArray[np.int32],
) -> tuple[Array, Array, Array]:
    """The loss of each position, and the gradients of their sum by the scores.

    of_targets: (positions,), the score of each position's word. of_negatives: (positions, drawn),
    the scores of the words that were drawn for all of them; both less the logarithm of how often a
    word is expected among the drawn ones (Bengio and Senécal 2008). targets: (positions,),
    negatives: (drawn,), which words these are: a drawn word that is the right one does not count.
    Returns losses (positions,), d_of_targets and d_of_negatives, of the dtype of the scores.
    """
    hits = negatives[None, :] == targets[:, None]
    others = np.where(hits, of_negatives.dtype.type(-np.inf), of_negatives)
    scores = np.concatenate([of_targets[:, None], others], axis=1)
    scores = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    totals = powers.sum(axis=1)
    shares = powers / totals[:, None]
    return np.log(totals) - scores[:, 0], shares[:, 0] - 1, shares[:, 1:]
