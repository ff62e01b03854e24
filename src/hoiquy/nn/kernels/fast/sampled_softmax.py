"""Sampled softmax, fast; `hoiquy.nn.kernels.plain.sampled_softmax` is its definition."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast import compiled
from hoiquy.nn.kernels.fast.blocking import in_rows
from hoiquy.nn.kernels.memory import work_array
from hoiquy.nn.kernels.types import Array


def sampled_softmax(
    target_scores: Array,
    negative_scores: Array,
    targets: NDArray[np.int32],
    negatives: NDArray[np.int32],
) -> tuple[Array, Array, Array]:
    """As `plain.sampled_softmax.sampled_softmax`, for float32. Raises ShapeError."""
    shapes = (target_scores.shape, negative_scores.shape, targets.shape, negatives.shape)
    fits = (
        negative_scores.ndim == 2
        and negative_scores.shape[:1] == target_scores.shape == targets.shape
    )
    if not fits or negatives.shape != negative_scores.shape[1:]:
        raise ShapeError(f"scores and words {shapes} disagree")
    if any(scores.dtype != np.float32 for scores in (target_scores, negative_scores)):
        raise ShapeError("the fast kernels take float32")
    if any(words.dtype != np.int32 for words in (targets, negatives)):
        raise ShapeError(f"words {targets.dtype} and {negatives.dtype}: expected int32")
    losses, d_target_scores = work_array(len(targets)), work_array(len(targets))
    d_negative_scores = work_array(*negative_scores.shape)
    given = (in_rows(array) for array in (target_scores, negative_scores, targets, negatives))
    compiled.sampled_softmax(*given, losses, d_target_scores, d_negative_scores)
    return losses, d_target_scores, d_negative_scores
