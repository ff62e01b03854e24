"""Probabilities and losses from the logits of the last layer, with the gradient of the loss.

`OUTPUTS` has one `Output` for each activation of a last layer; `MULTILABEL` is the output for
documents with several labels each. Other modules use the model's output and call neither `sigmoid`
nor `softmax` themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.kernels import Array
from hoiquy.nn.metrics import THRESHOLD, correct_predictions

Probabilities = NDArray[np.float64]  # (documents, classes)
MIN_PROBABILITY = 1e-5  # keeps the logarithm of a teacher's probability finite

Activation = Literal["sigmoid", "softmax"]


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow, dtype kept.

    Exact for very negative logits too, where a sigmoid through tanh would give 0: small
    probabilities keep their order.
    """
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)))


def binary_crossentropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Binary cross-entropy of sigmoid outputs, computed from the logits.

    logits, targets: (batch, classes), targets one-hot. Returns the loss of each document, the
    mean over its outputs (batch,), and its gradient (batch, classes). Keras on TensorFlow does
    the same; on other backends it clips the probabilities at 1e-7 instead, so that outputs that are
    confidently wrong get no gradient.
    """
    kind = logits.dtype.type
    tail = np.log1p(np.exp(-np.abs(logits)))  # no argument overflows
    losses = np.maximum(logits, 0) - logits * targets + tail
    gradient = (sigmoid(logits) - targets) / kind(logits.shape[1])
    return losses.mean(axis=1), gradient


def log_softmax(logits: Array) -> NDArray[np.float64]:
    """x - log Σ exp(x) of each row, in float64 whatever the dtype of the logits."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)  # no argument overflows
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def softmax(logits: Array) -> Array:
    """exp(x) / Σ exp(x) of each row, dtype kept.

    Computed in float64 and rounded once: in float32, too, a row sums to 1 within 6e-8.
    """
    return np.exp(log_softmax(logits)).astype(logits.dtype)


def categorical_crossentropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Categorical cross-entropy of softmax outputs, computed from the logits.

    logits, targets: (batch, classes); each row of the targets is one-hot or holds probabilities
    that sum to 1. Returns the loss of each document (batch,) and its gradient (batch, classes),
    both in the dtype of the logits. Keras does the same with `from_logits=True`.
    """
    log_p = log_softmax(logits)
    losses = -(targets * log_p).sum(axis=1)
    gradient = np.exp(log_p) * targets.sum(axis=1, keepdims=True) - targets
    return losses.astype(logits.dtype), gradient.astype(logits.dtype)


@dataclass(frozen=True)
class Output:
    """How the logits of the last layer are turned into probabilities and a loss.

    activation: the last layer's, in a recipe.
    probabilities: logits → probabilities, both (documents, classes), dtype kept.
    losses: logits and targets, both (documents, classes) → the loss of each document (documents,)
        and its gradient with respect to the logits (documents, classes).
    log_probabilities: logits (documents, classes) → float64 logarithms of a distribution over the
        classes, whatever the activation.
    multilabel: whether a document may have any number of classes; each output is then the
        probability of its class.
    """

    activation: Activation
    probabilities: Callable[[Array], Array]
    losses: Callable[[Array, Array], tuple[Array, Array]]
    log_probabilities: Callable[[Array], NDArray[np.float64]]
    multilabel: bool = False

    def with_label_smoothing(self, share: float) -> "Output":
        """The output with a loss of targets (1 - share) t + share / n, as Keras smooths them.

        n is the number of classes of a softmax, 2 for a sigmoid.
        """
        if share == 0:
            return self

        def losses(logits: Array, targets: Array) -> tuple[Array, Array]:
            kind = targets.dtype.type
            classes = targets.shape[1] if self.sums_to_one else 2
            return self.losses(logits, targets * kind(1 - share) + kind(share / classes))

        return replace(self, losses=losses)

    @property
    def sums_to_one(self) -> bool:
        """True if the probabilities of a document sum to 1."""
        return self.activation == "softmax"

    def predicted(self, logits: Array) -> NDArray[np.int64]:
        """(documents,): the class of the largest probability, the first of equal ones.

        The largest logit may be another: different logits may round to equal probabilities.
        """
        return np.asarray(self.probabilities(logits).argmax(axis=1))

    def is_correct(self, logits: Array, targets: Array) -> NDArray[np.bool_]:
        """(documents,): whether the largest probability is where the target is largest.

        With several labels a document: whether exactly its labels are predicted.
        """
        if self.multilabel:
            return correct_predictions(targets > THRESHOLD, self.probabilities(logits))
        return np.asarray(self.predicted(logits) == targets.argmax(axis=1))


def _log_of_shares(logits: Array) -> NDArray[np.float64]:
    """The logarithms of sigmoid outputs divided by their sum, clipped: see `stacking`."""
    return log_probabilities(sigmoid(logits))


OUTPUTS: dict[Activation, Output] = {
    "sigmoid": Output("sigmoid", sigmoid, binary_crossentropy, _log_of_shares),
    "softmax": Output("softmax", softmax, categorical_crossentropy, log_softmax),
}
MULTILABEL = replace(OUTPUTS["sigmoid"], multilabel=True)


def log_probabilities(probabilities: NDArray[np.floating]) -> Probabilities:
    """Logarithms of a model's probabilities, normalised and clipped to [MIN_PROBABILITY, 1].

    probabilities: (documents, classes), not negative; a row of zeros becomes uniform.
    """
    sums = probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
    uniform = np.full(probabilities.shape, 1 / probabilities.shape[1])
    shares = np.divide(probabilities, sums, out=uniform, where=sums > 0)
    return np.asarray(np.log(np.clip(shares, MIN_PROBABILITY, 1)))
