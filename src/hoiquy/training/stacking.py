"""Combine the probabilities of several models: p_c ∝ exp(Σ_k w_k log p_kc), w_k ≥ 0.

Where a document may have several labels, the log odds of each are added in the same way. The
weights make the labels of documents that no model was trained on most probable: stacking
(Wolpert 1992, "Stacked generalization", Neural Networks 5). A weight below 1 corrects
overconfidence; a redundant model gets 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import (
    ONE_LABEL,
    SEVERAL_LABELS,
    Link,
    Logits,
    Probabilities,
    binary_crossentropy,
)

SHARPNESS = 3.0  # of soft labels

_SPREAD = 5.0  # standard deviation of the weights' prior
_ALIGNING_ROUNDS, _TINY = 50, 1e-12


def combined(
    log_p: Sequence[Probabilities], weights: Sequence[float] | NDArray[np.float64]
) -> Probabilities:
    """(documents, classes) float64: the combined probabilities; each row adds up to 1."""
    return np.asarray(np.exp(combined_logits(log_p, weights)))


def sharpened(
    logits: Sequence[Logits], weights: Sequence[float], sharpness: float = SHARPNESS
) -> Probabilities:
    """The combined probabilities p to the power of the sharpness, with the shares of classes of p.

    A student trained on unchanged probabilities would be as unsure as its teachers. MixMatch
    sharpens in this way (Berthelot et al. 2019, arXiv:1905.02249; sharpness is 1 / T), for the
    reason of Grandvalet and Bengio 2004, "Semi-supervised learning by entropy minimization".

    Args:
        logits: (documents, classes), of each model.
        weights: Of each model.
        sharpness: 1 leaves the probabilities unchanged.
    """
    shares = combined(logits, weights).mean(axis=0, dtype=np.float64)
    return _aligned(combined(logits, [sharpness * weight for weight in weights]), shares)


def _aligned(probabilities: Probabilities, shares: NDArray[np.float64]) -> Probabilities:
    """Probabilities with a factor for each class, so that their means are the shares of classes.

    Sharpened probabilities favour frequent classes, which students would take for more frequent
    still (distribution alignment: Berthelot et al. 2020, "ReMixMatch", ICLR).

    Args:
        probabilities: (documents, classes).
        shares: (classes,), above 0, with the sum 1.
    """
    scaled = probabilities
    for _ in range(_ALIGNING_ROUNDS):
        scaled = scaled * (shares / np.maximum(scaled.mean(axis=0), _TINY))
        scaled = scaled / scaled.sum(axis=1, keepdims=True)
    return scaled


def log_loss(
    logits: Sequence[Logits],
    weights: Sequence[float] | NDArray[np.float64],
    labels: NDArray[np.integer[Any]],
) -> tuple[float, NDArray[np.float64]]:
    """The mean negative log likelihood of the labels, and its gradient by the weights.

    Args:
        logits: Of each model; log probabilities where `labels` has one dimension, else log odds.
        weights: Of each model.
        labels: (documents,), or (documents, labels) of 0 and 1. Of several, all count.

    Returns:
        The loss, and the gradient (models,): the mean difference between a model's expected logit
        under the combined probabilities and its logit of the label.
    """
    if labels.ndim == 2:
        return _loss_of_several(logits, weights, labels)
    rows = np.arange(len(labels))
    log_all = combined_logits(logits, weights)
    p_all = np.exp(log_all)
    gradient = [
        float(((p_all * one).sum(axis=1) - one[rows, labels]).sum()) / len(rows) for one in logits
    ]
    return float(-log_all[rows, labels].sum()) / len(rows), np.array(gradient)


def _loss_of_several(
    logits: Sequence[Logits],
    weights: Sequence[float] | NDArray[np.float64],
    labels: NDArray[np.integer[Any]],
) -> tuple[float, NDArray[np.float64]]:
    together = combined_logits(logits, weights, SEVERAL_LABELS)
    losses, slopes = binary_crossentropy(together, labels.astype(np.float64))
    gradient = [float((slopes * one).sum()) / len(labels) for one in logits]
    return float(losses.sum()) / len(labels), np.array(gradient)


def fit_stacking_weights(logits: Sequence[Logits], labels: NDArray[np.integer[Any]]) -> list[float]:
    """The non-negative weights that make the labels most probable; the problem is convex.

    The prior of a weight is normal around 0 with standard deviation _SPREAD, as the likelihood may
    have no maximum, for example without errors. logits, labels: as of `log_loss`, on documents that
    no model was trained on. The bits do not depend on the number of threads.
    """
    from scipy.optimize import minimize

    pull = 1 / (_SPREAD**2 * max(len(labels), 1))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = log_loss(logits, weights, labels)
        return value + 0.5 * pull * float((weights**2).sum()), gradient + pull * weights

    found = minimize(
        loss,
        np.full(len(logits), 1 / len(logits)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(logits),
        options={"ftol": 1e-12, "gtol": 1e-8},
    )
    return [float(weight) for weight in found.x]


def combined_logits(
    logits: Sequence[Logits],
    weights: Sequence[float] | NDArray[np.float64],
    link: Link = ONE_LABEL,
    offsets: NDArray[np.float64] | None = None,
) -> Logits:
    """The logits of all models together, (documents, classes).

    offsets: (classes,), added to those of each document.
    """
    # added in order, as the rounding of a matrix product may depend on the number of threads
    total = np.zeros_like(logits[0])
    if offsets is not None:
        total += offsets
    for weight, one in zip(weights, logits, strict=True):
        total += float(weight) * one
    return link.normalised(total)
