"""The loss, and its gradient with respect to the logits."""

import numpy as np

from hoiquy.kernels import Array


def binary_crossentropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Binary cross-entropy of sigmoid outputs, computed from the logits.

    logits, targets: (batch, classes), targets one-hot. Returns the loss of each document, the
    mean over its outputs (batch,), and its gradient (batch, classes). Keras on TensorFlow does
    the same; on other backends it clips the probabilities at 1e-7 instead, which stops learning
    from outputs that are confidently wrong.
    """
    kind = logits.dtype.type
    tail = np.log1p(np.exp(-np.abs(logits)))  # no argument overflows
    losses = np.maximum(logits, 0) - logits * targets + tail
    gradient = (sigmoid(logits) - targets) / kind(logits.shape[1])
    return losses.mean(axis=1), gradient


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow, dtype kept.

    Exact for very negative logits too, where a sigmoid through tanh would give 0: two outputs that
    both say no keep their order.
    """
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)))
