"""Sampled softmax, fast; `hoiquy.nn.kernels.plain.sampled_softmax` is its definition."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.activations import ONE, ZERO
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.fast.compiler import compiled
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def sampled_softmax(
    of_targets: Array,
    of_negatives: Array,
    targets: NDArray[np.int32],
    negatives: NDArray[np.int32],
) -> tuple[Array, Array, Array]:
    """As `plain.sampled_softmax.sampled_softmax`, for float32. Raises ShapeError."""
    shapes = (of_targets.shape, of_negatives.shape, targets.shape, negatives.shape)
    fits = of_negatives.ndim == 2 and of_negatives.shape[:1] == of_targets.shape == targets.shape
    if not fits or negatives.shape != of_negatives.shape[1:]:
        raise ShapeError(f"scores and words {shapes} disagree")
    if any(scores.dtype != np.float32 for scores in (of_targets, of_negatives)):
        raise ShapeError("the fast kernels take float32")
    if any(words.dtype != np.int32 for words in (targets, negatives)):
        raise ShapeError(f"words {targets.dtype} and {negatives.dtype}: expected int32")
    losses, d_of_targets = work_array(len(targets)), work_array(len(targets))
    d_of_negatives = work_array(*of_negatives.shape)
    given = (in_rows(array) for array in (of_targets, of_negatives, targets, negatives))
    _sampled_softmax(*given, losses, d_of_targets, d_of_negatives)
    return losses, d_of_targets, d_of_negatives


@compiled
def _sampled_softmax(
    of_targets: Any, of_negatives: Any, targets: Any, negatives: Any, losses: Any,
    d_of_targets: Any, d_of_negatives: Any,
) -> None:  # fmt: skip
    positions, drawn = of_negatives.shape
    for i in range(positions):
        word, score = targets[i], of_targets[i]
        largest = score
        for j in range(drawn):
            if negatives[j] != word and of_negatives[i, j] > largest:
                largest = of_negatives[i, j]
        own = np.exp(score - largest)
        total = own
        for j in range(drawn):
            power = ZERO if negatives[j] == word else np.exp(of_negatives[i, j] - largest)
            d_of_negatives[i, j] = power
            total += power
        share = ONE / total
        for j in range(drawn):
            d_of_negatives[i, j] *= share
        d_of_targets[i] = own * share - ONE
        losses[i] = np.log(total) - (score - largest)
