"""Activations and cross-entropies."""

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.values.operation import Operation, operation
from hoiquy.keras.values.primitives import activated, chosen, get_item
from hoiquy.nn import activations as nn

_NAMES = [
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
    "leaky_relu", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
    "softplus", "softsign", "squareplus", "tanh_shrink",
]  # fmt: skip
__all__ = [
    *_NAMES, "binary_crossentropy", "categorical_crossentropy", "hard_swish", "l2_normalize",
    "log_softmax", "moments", "normalize", "sigmoid_crossentropy_with_logits", "softmax",
    "sparse_categorical_crossentropy", "swish",
]  # fmt: skip


def _activation(name: str) -> Operation:
    def compute(x: Any, *settings: Any, **named: Any) -> Any:
        made = nn.ACTIVATIONS[name]
        if settings or named:
            if "alpha" in named and name == "leaky_relu":
                named["negative_slope"] = named.pop("alpha")
            made = getattr(nn, name)(*settings, **named)
        return activated(made, _floats(x))

    compute.__name__ = name
    compute.__doc__ = f"The activation `{name}`."
    return operation("x", module="nn", by_row=True)(compute)


def _floats(x: Any) -> Any:
    array = getval(x)
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return x
    return x if isinstance(array, np.floating) else np.asarray(array, np.float32)


globals().update({name: _activation(name) for name in _NAMES})
swish, hard_swish = _activation("silu"), _activation("hard_silu")


def _last_axis(given: Any) -> bool:
    axis, rank = given.get("axis", -1), len(given["x"].shape)
    return all(one % rank for one in (axis if isinstance(axis, list | tuple) else [axis]))


@operation("x", module="nn", by_row=_last_axis)
def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) over its sum along axes."""
    return _softmax(x, axis)


def _softmax(x: Any, axis: Any) -> Any:
    x = _floats(x)
    powers = anp.exp(x - np.max(getval(x), axis=axis, keepdims=True))
    return powers / anp.sum(powers, axis=axis, keepdims=True)


@operation("x", module="nn", by_row=_last_axis)
def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of `softmax`."""
    return _log_softmax(x, axis)


def _log_softmax(x: Any, axis: int) -> Any:
    shifted = x - np.max(getval(x), axis=axis, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=axis, keepdims=True))


@operation("x", module="nn", by_row=_last_axis)
def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    """Divided by the Euclidean norm along axes."""
    squares = anp.sum(x * x, axis=axis, keepdims=True)
    return x / anp.sqrt(chosen(np.asarray(getval(squares)) < epsilon, epsilon, squares))


@operation("x", module="nn", by_row=_last_axis)
def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float = 1e-12) -> Any:
    """Divided by the norm of an order along axes."""
    powers = anp.sum(anp.abs(x) ** order, axis=axis, keepdims=True) ** (1 / order)
    return x / chosen(np.asarray(getval(powers)) < epsilon, epsilon, powers)


@operation("x", module="nn")
def moments(x: Any, axes: Any, keepdims: bool = False) -> tuple[Any, Any]:
    """The mean and the variance along axes."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    count = np.asarray(getval(x)).size / np.asarray(getval(x)).sum(axis=axes).size
    mean = anp.sum(x, axis=axes, keepdims=True) / count
    distance = x - mean
    variance = anp.sum(distance * distance, axis=axes, keepdims=True) / count
    if keepdims:
        return mean, variance
    return anp.squeeze(mean, axis=axes), anp.squeeze(variance, axis=axes)


def _clipped(x: Any) -> Any:
    numbers, low, high = np.asarray(getval(x)), 1e-7, 1 - 1e-7
    return chosen(numbers > high, high, chosen(numbers < low, low, x))


@operation("target", "output", module="nn", by_row=True)
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The binary cross-entropy of each number."""
    if from_logits:
        return _from_logits(target, output)
    p = _clipped(output)
    return -(target * anp.log(p) + (1 - target) * anp.log(1 - p))


@operation("labels", "logits", module="nn", by_row=True)
def sigmoid_crossentropy_with_logits(labels: Any, logits: Any) -> Any:
    """The binary cross-entropy of each number, from logits."""
    return _from_logits(labels, logits)


def _from_logits(target: Any, logits: Any) -> Any:
    negative = np.asarray(getval(logits)) < 0
    magnitude = chosen(negative, -logits, logits)
    positive = chosen(negative, 0.0 * logits, logits)
    return positive - logits * target + anp.log1p(anp.exp(-magnitude))


@operation("target", "output", module="nn")
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The cross-entropy of each row, for one-hot targets."""
    return -anp.sum(target * _log_probabilities(output, from_logits, axis), axis=axis)


def _log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return _log_softmax(output, axis)
    return anp.log(_clipped(output / anp.sum(output, axis=axis, keepdims=True)))


@operation("output", plain=("target",), module="nn")
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The cross-entropy of each row, for class indices."""
    logs = _log_probabilities(output, from_logits, axis)
    classes = np.asarray(getval(target)).astype(np.int64)
    if classes.ndim == np.ndim(getval(output)):
        classes = classes[..., 0]
    grid = np.indices(classes.shape, sparse=True)
    return -get_item(logs, (*grid, classes))
