"""Sampled softmax; called by `hoiquy.nn.kernels.fast.sampled_softmax`."""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.activations import ONE, ZERO
from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def sampled_softmax(
    target_scores: Any, negative_scores: Any, targets: Any, negatives: Any, losses: Any,
    d_target_scores: Any, d_negative_scores: Any,
) -> None:  # fmt: skip
    positions, samples = negative_scores.shape
    for i in range(positions):
        word, score = targets[i], target_scores[i]
        largest = score
        for j in range(samples):
            if negatives[j] != word and negative_scores[i, j] > largest:
                largest = negative_scores[i, j]
        target_power = np.exp(score - largest)
        total = target_power
        for j in range(samples):
            power = ZERO if negatives[j] == word else np.exp(negative_scores[i, j] - largest)
            d_negative_scores[i, j] = power
            total += power
        share = ONE / total
        for j in range(samples):
            d_negative_scores[i, j] *= share
        d_target_scores[i] = target_power * share - ONE
        losses[i] = np.log(total) - (score - largest)
