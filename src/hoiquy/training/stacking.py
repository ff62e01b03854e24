"""Combine the probabilities of several models: p_c ∝ exp(Σ_k w_k log p_kc), w_k ≥ 0.

The weights make the labels of documents that no model was trained on most probable: stacking
(Wolpert 1992, "Stacked generalization", Neural Networks 5). A weight below 1 corrects
overconfidence; a redundant model gets 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Probabilities

SHARPNESS = 3.0  # of soft labels: `sharpened`

_SPREAD = 5.0  # standard deviation of the weights' prior


def combined(
    log_p: Sequence[Probabilities], weights: Sequence[float] | NDArray[np.float64]
) -> Probabilities:
    """(documents, classes) float64: the combined probabilities; each row adds up to 1."""
    return np.asarray(np.exp(log_combined(log_p, weights)))


def sharpened(weights: Sequence[float], sharpness: float) -> list[float]:
    """The weights under which `combined` gives p_c^sharpness, normalised, instead of p_c.

    A student trained on unchanged probabilities would be as unsure as its teachers. MixMatch
    sharpens in this way (Berthelot et al. 2019, arXiv:1905.02249; sharpness is 1 / T), for the
    reason of Grandvalet and Bengio 2004, "Semi-supervised learning by entropy minimization".
    """
    return [sharpness * weight for weight in weights]


def log_loss(
    log_p: Sequence[Probabilities],
    weights: Sequence[float] | NDArray[np.float64],
    labels: NDArray[np.integer[Any]],
) -> tuple[float, NDArray[np.float64]]:
    """The mean negative log likelihood of the labels, (documents,), and its gradient.

    The gradient, (models,), is the mean difference between a model's expected log probability under
    the combined probabilities and its log probability of the label.
    """
    rows = np.arange(len(labels))
    log_all = log_combined(log_p, weights)
    p_all = np.exp(log_all)
    gradient = [
        float(((p_all * one).sum(axis=1) - one[rows, labels]).sum()) / len(rows) for one in log_p
    ]
    return float(-log_all[rows, labels].sum()) / len(rows), np.array(gradient)


def fit_stacking_weights(
    log_p: Sequence[Probabilities], labels: NDArray[np.integer[Any]]
) -> list[float]:
    """The non-negative weights that make the labels most probable; the problem is convex.

    The prior of a weight is normal around 0 with standard deviation _SPREAD, as the likelihood may
    have no maximum, for example without errors. log_p: of each model, as from `log_probabilities`,
    on documents that it was not trained on. The bits do not depend on the number of threads.
    """
    from scipy.optimize import minimize

    pull = 1 / (_SPREAD**2 * max(len(labels), 1))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = log_loss(log_p, weights, labels)
        return value + 0.5 * pull * float((weights**2).sum()), gradient + pull * weights

    found = minimize(
        loss,
        np.full(len(log_p), 1 / len(log_p)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(log_p),
        options={"ftol": 1e-12, "gtol": 1e-8},
    )
    return [float(weight) for weight in found.x]


def log_combined(
    log_p: Sequence[Probabilities],
    weights: Sequence[float] | NDArray[np.float64],
    offsets: NDArray[np.float64] | None = None,
) -> Probabilities:
    """The logarithms of `combined`; offsets: (classes,), added to those of each document."""
    # added in order, as the rounding of a matrix product may depend on the number of threads
    logits = np.zeros_like(log_p[0])
    if offsets is not None:
        logits += offsets
    for weight, one in zip(weights, log_p, strict=True):
        logits += float(weight) * one
    logits -= logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
