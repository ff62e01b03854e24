"""How the probabilities of several teachers become one: p_c ∝ exp(Σ_k w_k log p_kc), w_k ≥ 0.

The weights are those under which the labels of documents that no teacher has learnt from are most
probable: stacking (Wolpert 1992, "Stacked generalization", Neural Networks 5). A weight below 1
takes back what a teacher is too sure of; a teacher that tells nothing new gets 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses import Probabilities

SHARPNESS = 3.0  # of what a student learns from: `sharpened`

_SPREAD = 5.0  # of weights before anything is known: few documents cannot make a teacher certain


def combined(
    log_p: Sequence[Probabilities], weights: Sequence[float] | NDArray[np.float64]
) -> Probabilities:
    """(documents, classes) float64: the probabilities of all teachers, each row adding up to 1."""
    return np.asarray(np.exp(_log_combined(log_p, weights)))


def sharpened(weights: Sequence[float], sharpness: float) -> list[float]:
    """The weights under which `combined` gives p_c^sharpness instead of p_c, made to add up to 1.

    Honest probabilities teach a student to be as unsure as its teachers. Sharper ones are what it
    should say once it knows better: MixMatch sharpens in this way (Berthelot et al. 2019,
    arXiv:1905.02249, whose 1 / T this is), for the reason that Grandvalet and Bengio 2004,
    "Semi-supervised learning by entropy minimization", give.
    """
    return [sharpness * weight for weight in weights]


def log_loss(
    log_p: Sequence[Probabilities],
    weights: Sequence[float] | NDArray[np.float64],
    labels: NDArray[np.integer[Any]],
) -> tuple[float, NDArray[np.float64]]:
    """The mean negative log likelihood of the labels, and its gradient with respect to the weights.

    labels: (documents,). The gradient is (teachers,): for each, what it says of the label and what
    all together expect it to say, the mean of the difference.
    """
    rows = np.arange(len(labels))
    log_all = _log_combined(log_p, weights)
    p_all = np.exp(log_all)
    gradient = [
        float(((p_all * one).sum(axis=1) - one[rows, labels]).sum()) / len(rows) for one in log_p
    ]
    return float(-log_all[rows, labels].sum()) / len(rows), np.array(gradient)


def fit_stacking_weights(
    log_p: Sequence[Probabilities], labels: NDArray[np.integer[Any]]
) -> list[float]:
    """The weights, not negative, that the labels make most probable; the problem is convex.

    A weight is taken to be normal around 0 with standard deviation _SPREAD before: where documents
    are few, or no teacher errs on any, there would be no largest. log_p: of each teacher, as
    `log_probabilities` gives it, on documents that it has not learnt from. The same numbers give
    the same weights, on any number of threads.
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


def _log_combined(
    log_p: Sequence[Probabilities], weights: Sequence[float] | NDArray[np.float64]
) -> Probabilities:
    # added up one after the other: a product of matrices may round by the number of threads
    logits = np.zeros_like(log_p[0])
    for weight, one in zip(weights, log_p, strict=True):
        logits += float(weight) * one
    logits -= logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
