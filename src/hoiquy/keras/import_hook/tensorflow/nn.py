"""Functions of `tensorflow.nn` beside the activations, with TensorFlow's argument names."""

from typing import Any

from hoiquy.keras import ops, random
from hoiquy.keras.ops import neural

__all__ = [
    "bias_add", "conv1d", "dropout", "embedding_lookup", "l2_loss", "l2_normalize", "moments",
    "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits", "top_k", "weighted_cross_entropy_with_logits",
]  # fmt: skip


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: Any = None,
                 dim: Any = None) -> Any:  # fmt: skip
    """Divided by the Euclidean norm along axes."""
    return neural.l2_normalize(x, dim if axis is None else axis, epsilon)


def l2_loss(t: Any, name: Any = None) -> Any:
    """Half the sum of squares."""
    return ops.sum(ops.square(t)) / 2


def bias_add(value: Any, bias: Any, data_format: Any = None, name: Any = None) -> Any:
    """The sum with a bias of the last axis."""
    return ops.add(value, bias)


def conv1d(input: Any, filters: Any, stride: Any = 1, padding: str = "VALID",
           data_format: Any = None, dilations: Any = None, name: Any = None) -> Any:  # fmt: skip
    """A convolution along the steps."""
    return ops.conv(input, filters, stride, padding, data_format, dilations or 1)


def dropout(x: Any, rate: Any = None, noise_shape: Any = None, seed: Any = None,
            name: Any = None, keep_prob: Any = None) -> Any:  # fmt: skip
    """Some numbers set to 0, the others scaled up."""
    share = 1 - keep_prob if rate is None else rate
    return random.dropout(x, float(share), noise_shape, seed)


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: Any = None) -> Any:
    """The rows of a table."""
    return ops.take(params, ids, axis=0)


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: Any = None) -> Any:
    """The mean and the variance along axes."""
    return ops.moments(x, axes, keepdims)


def top_k(input: Any, k: int = 1, sorted: bool = True, name: Any = None) -> Any:
    """The largest of the last axis, and their places."""
    return ops.top_k(input, k)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: Any = None
) -> Any:
    """The binary cross-entropy of each number, from logits."""
    return neural.sigmoid_crossentropy_with_logits(labels, logits)


def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: Any = None
) -> Any:
    """The cross-entropy of each row, from logits."""
    return ops.categorical_crossentropy(labels, logits, from_logits=True, axis=axis)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: Any = None) -> Any:
    """The cross-entropy of each row, from class indices and logits."""
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: Any = None
) -> Any:
    """The binary cross-entropy of each number, in which targets 1 count `pos_weight` times."""
    weight = 1 + (pos_weight - 1) * labels
    return (1 - labels) * logits + weight * ops.softplus(ops.negative(logits))
